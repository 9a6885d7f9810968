package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// inFlight is how many requests the cells that ask for single things have on their way.
const inFlight = 64

// jetDelivered gets what prepare stored without asking for each batch. One message is a delivery with its acknowledgement.
type jetDelivered struct {
	*jet
	// start begins to deliver to take, which acknowledges.
	start func(d *jetDelivered, take func(ack func() error)) (stop func(), err error)
}

func newJetDelivered(
	t *target, start func(*jetDelivered, func(func() error)) (func(), error),
) (load, error) {
	j, err := newJet(t)
	return &jetDelivered{jet: j, start: start}, err
}

func (d *jetDelivered) prepare(n int) error {
	if err := d.fresh(); err != nil {
		return err
	}
	if err := d.fill(n); err != nil {
		return err
	}
	return d.expectStored(n)
}

func (d *jetDelivered) run(n int) (int, error) {
	done := make(chan error, 1)
	got := 0
	stop, err := d.start(d, func(ack func() error) {
		if err := ack(); err != nil {
			done <- err
		}
		if got++; got == n {
			done <- nil
		}
	})
	if err != nil {
		return 0, err
	}
	defer stop()
	if err := <-done; err != nil {
		return 0, err
	}
	return n, d.nc.Flush()
}

// startConsume pulls as the client library does it: it asks again before all has come.
func startConsume(d *jetDelivered, take func(func() error)) (func(), error) {
	consumer, err := d.stream.CreateConsumer(context.Background(), jetstream.ConsumerConfig{
		Durable: "bench", AckPolicy: jetstream.AckExplicitPolicy,
	})
	if err != nil {
		return nil, err
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) { take(m.Ack) }, jetstream.PullMaxMessages(pullBatch))
	if err != nil {
		return nil, err
	}
	return consuming.Stop, nil
}

// startPush has the server send to a subject.
func startPush(d *jetDelivered, take func(func() error)) (func(), error) {
	js, err := d.nc.JetStream()
	if err != nil {
		return nil, err
	}
	sub, err := js.Subscribe(subject, func(m *nats.Msg) { take(func() error { return m.Ack() }) },
		nats.BindStream(streamName), nats.ManualAck(), nats.AckExplicit(), nats.MaxAckPending(10_000))
	if err != nil {
		return nil, err
	}
	return func() { _ = sub.Unsubscribe() }, sub.SetPendingLimits(-1, -1)
}

// bucket is what the cells of the key-value store share.
type bucket struct {
	*jet
	kv      jetstream.KeyValue
	keys    []string
	history uint8
}

const bucketKeys = 1_000

func newBucket(t *target) (*bucket, error) {
	j, err := newJet(t)
	if err != nil {
		return nil, err
	}
	b := &bucket{jet: j}
	for i := range bucketKeys {
		b.keys = append(b.keys, fmt.Sprintf("key.%d", i))
	}
	return b, nil
}

func (b *bucket) prepare(int) error {
	err := b.js.DeleteKeyValue(context.Background(), streamName)
	if err != nil && !errors.Is(err, jetstream.ErrBucketNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	b.kv, err = b.js.CreateKeyValue(context.Background(), jetstream.KeyValueConfig{
		Bucket: streamName, Storage: jetstream.MemoryStorage, History: b.history,
	})
	return err
}

// eachAtOnce calls do n times, from several goroutines.
func eachAtOnce(n int, do func(i int) error) (int, error) {
	each := max(1, n/inFlight)
	errs := make([]error, inFlight)
	var group sync.WaitGroup
	for worker := range inFlight {
		group.Go(func() {
			for i := range each {
				if errs[worker] = do(worker*each + i); errs[worker] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return each * inFlight, errors.Join(errs...)
}

type kvPut struct{ *bucket }

func newKVPut(t *target) (load, error) {
	b, err := newBucket(t)
	return &kvPut{b}, err
}

func (p *kvPut) run(n int) (int, error) {
	return eachAtOnce(n, func(i int) error {
		_, err := p.kv.Put(context.Background(), p.keys[i%bucketKeys], p.t.payload)
		return err
	})
}

type kvGet struct{ *bucket }

func newKVGet(t *target) (load, error) {
	b, err := newBucket(t)
	return &kvGet{b}, err
}

func (g *kvGet) prepare(n int) error {
	if err := g.bucket.prepare(n); err != nil {
		return err
	}
	for _, key := range g.keys {
		if _, err := g.kv.Put(context.Background(), key, g.t.payload); err != nil {
			return err
		}
	}
	return nil
}

func (g *kvGet) run(n int) (int, error) {
	return eachAtOnce(n, func(i int) error {
		_, err := g.kv.Get(context.Background(), g.keys[i%bucketKeys])
		return err
	})
}

// kvWatch puts keys while somebody watches all of them. One message is a put that was seen.
type kvWatch struct{ *bucket }

func newKVWatch(t *target) (load, error) {
	b, err := newBucket(t)
	if err == nil {
		b.history = jetstream.KeyValueMaxHistory // a watcher does not see what was replaced before it came to it
	}
	return &kvWatch{b}, err
}

func (w *kvWatch) run(n int) (int, error) {
	watcher, err := w.kv.WatchAll(context.Background())
	if err != nil {
		return 0, err
	}
	defer func() { _ = watcher.Stop() }()
	seen := make(chan struct{})
	want := max(1, n/inFlight) * inFlight
	go func() {
		for got := 0; got < want; {
			if entry := <-watcher.Updates(); entry != nil {
				got++
			}
		}
		close(seen)
	}()
	moved, err := (&kvPut{w.bucket}).run(n)
	if err != nil {
		return 0, err
	}
	<-seen
	return moved, nil
}

// directGet asks for stored messages by sequence.
type directGet struct{ *jet }

func newDirectGet(t *target) (load, error) {
	j, err := newJet(t)
	return &directGet{j}, err
}

const directMessages = 10_000

func (g *directGet) prepare(int) error {
	g.direct = true
	if err := g.fresh(); err != nil {
		return err
	}
	return g.fill(directMessages)
}

func (g *directGet) run(n int) (int, error) {
	return eachAtOnce(n, func(i int) error {
		_, err := g.stream.GetMsg(context.Background(), uint64(i%directMessages+1))
		return err
	})
}

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
