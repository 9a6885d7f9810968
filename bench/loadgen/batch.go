package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// jetBatch publishes in atomic batches: only the last message of each is acknowledged.
type jetBatch struct{ *jet }

const batchSize = 100

func newJetBatch(t *target) (load, error) {
	j, err := newJet(t)
	return &jetBatch{j}, err
}

func (b *jetBatch) prepare(int) error {
	if err := b.fresh(); err != nil {
		return err
	}
	config := fmt.Sprintf(
		`{"name":%q,"subjects":[%q],"storage":"memory","allow_atomic":true}`, streamName, subject)
	reply, err := b.nc.Request("$JS.API.STREAM.UPDATE."+streamName, []byte(config), 5*time.Second)
	if err != nil {
		return err
	}
	b.stream, err = b.js.Stream(context.Background(), streamName)
	if err == nil && bytes.Contains(reply.Data, []byte(`"error":`)) {
		err = fmt.Errorf("the server permits no batches: %s", reply.Data)
	}
	return err
}

func (b *jetBatch) run(n int) (int, error) {
	batches := max(1, n/batchSize)
	for batch := range batches {
		for i := 1; i < batchSize; i++ {
			if err := b.nc.PublishMsg(b.message(batch, i)); err != nil {
				return 0, err
			}
		}
		last := b.message(batch, batchSize)
		last.Header.Set("Nats-Batch-Commit", "1")
		if _, err := b.js.PublishMsg(context.Background(), last); err != nil {
			return 0, err
		}
	}
	return batches * batchSize, b.expectStored(batches * batchSize)
}

func (b *jetBatch) message(batch, at int) *nats.Msg {
	m := nats.NewMsg(subject)
	m.Data = b.t.payload
	m.Header.Set("Nats-Batch-Id", fmt.Sprint("batch", batch))
	m.Header.Set("Nats-Batch-Sequence", fmt.Sprint(at))
	return m
}
