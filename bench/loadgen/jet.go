package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	streamName = "BENCH"
	asyncLimit = 500 // publishes without their acknowledgement yet
	pullBatch  = 500 // messages a pull request asks for
)

// jet is what both JetStream cells share: a connection and a stream in memory.
type jet struct {
	t      *target
	nc     *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
	direct bool // whether the stream answers direct requests
	queue  bool // whether it is a work queue
}

func newJet(t *target) (*jet, error) {
	nc, err := t.connect("jetstream")
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(asyncLimit))
	return &jet{t: t, nc: nc, js: js}, err
}

// fresh replaces the stream by an empty one.
func (j *jet) fresh() error {
	err := j.js.DeleteStream(context.Background(), streamName)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	retention := jetstream.LimitsPolicy
	if j.queue {
		retention = jetstream.WorkQueuePolicy
	}
	j.stream, err = j.js.CreateStream(context.Background(), jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject}, Storage: jetstream.MemoryStorage,
		Retention: retention, AllowDirect: j.direct,
	})
	return err
}

// fill publishes n messages and waits until each is acknowledged.
func (j *jet) fill(n int) error {
	for range n {
		if _, err := j.js.PublishAsync(subject, j.t.payload, jetstream.WithStallWait(10*time.Second)); err != nil {
			return err
		}
	}
	<-j.js.PublishAsyncComplete()
	return nil
}

func (j *jet) expectStored(n int) error {
	info, err := j.stream.Info(context.Background())
	if err == nil && info.State.Msgs != uint64(n) {
		err = fmt.Errorf("the stream holds %d messages after %d publishes", info.State.Msgs, n)
	}
	return err
}

// jetPublish publishes asynchronously into an empty stream. One message is a publish with its acknowledgement.
type jetPublish struct{ *jet }

func newJetPublish(t *target) (load, error) {
	j, err := newJet(t)
	return &jetPublish{j}, err
}

func (p *jetPublish) prepare(int) error { return p.fresh() }

func (p *jetPublish) run(n int) (int, error) {
	if err := p.fill(n); err != nil {
		return 0, err
	}
	return n, p.expectStored(n)
}

// jetConsume fetches and acknowledges what prepare stored. One message is a delivery with its acknowledgement.
type jetConsume struct {
	*jet
	consumer jetstream.Consumer
}

func newJetConsume(t *target, isQueue bool) (load, error) {
	j, err := newJet(t)
	if err == nil {
		j.queue = isQueue
	}
	return &jetConsume{jet: j}, err
}

func (c *jetConsume) prepare(n int) error {
	if err := c.fresh(); err != nil {
		return err
	}
	if err := c.fill(n); err != nil {
		return err
	}
	if err := c.expectStored(n); err != nil {
		return err
	}
	consumer, err := c.stream.CreateConsumer(context.Background(), jetstream.ConsumerConfig{
		Durable: "bench", AckPolicy: jetstream.AckExplicitPolicy,
	})
	c.consumer = consumer
	return err
}

func (c *jetConsume) run(n int) (int, error) {
	for got := 0; got < n; {
		fetched, err := c.fetch(min(pullBatch, n-got))
		if err != nil {
			return 0, err
		}
		if fetched == 0 {
			return 0, fmt.Errorf("a pull request brought nothing, after %d of %d messages", got, n)
		}
		got += fetched
	}
	if err := c.nc.Flush(); err != nil { // the acknowledgements have no answer of their own
		return 0, err
	}
	return n, c.expectAcknowledged(n)
}

func (c *jetConsume) fetch(batch int) (int, error) {
	messages, err := c.consumer.Fetch(batch, jetstream.FetchMaxWait(5*time.Second))
	if err != nil {
		return 0, err
	}
	got := 0
	for m := range messages.Messages() {
		if err := m.Ack(); err != nil {
			return got, err
		}
		got++
	}
	if err := messages.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) {
		return got, err
	}
	return got, nil
}

// expectAcknowledged waits briefly: a server may work off acknowledgements after it has answered PING.
func (c *jetConsume) expectAcknowledged(n int) error {
	for range 500 {
		info, err := c.consumer.Info(context.Background())
		if err != nil {
			return err
		}
		if info.NumAckPending == 0 && info.AckFloor.Stream == uint64(n) {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("acknowledgements are missing after %d messages", n)
}

// jetPublishSync publishes one message at a time and waits for each acknowledgement.
type jetPublishSync struct{ *jet }

func newJetPublishSync(t *target) (load, error) {
	j, err := newJet(t)
	return &jetPublishSync{j}, err
}

func (p *jetPublishSync) prepare(int) error { return p.fresh() }

func (p *jetPublishSync) run(n int) (int, error) {
	for range n {
		if _, err := p.js.Publish(context.Background(), subject, p.t.payload); err != nil {
			return 0, err
		}
	}
	return n, p.expectStored(n)
}
