package main

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

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
