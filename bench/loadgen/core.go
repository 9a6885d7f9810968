package main

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// publish sends without any subscriber. The PONG that ends it comes after the server has parsed everything.
type publish struct {
	t  *target
	nc *nats.Conn
}

func newPublish(t *target) (load, error) {
	nc, err := t.connect("publisher")
	return &publish{t, nc}, err
}

func (p *publish) prepare(int) error { return nil }

func (p *publish) run(n int) (int, error) {
	for range n {
		if err := p.nc.Publish(p.t.sent, p.t.payload); err != nil {
			return 0, err
		}
	}
	return n, p.nc.FlushTimeout(time.Minute)
}

// A publisher is at most window × chunk messages ahead of its slowest subscriber. The subscribers share one
// core with the publisher; without a limit they would fall behind until the server cuts them off as slow.
const (
	chunk  = 512
	window = 64
)

// fanOut publishes on one connection to subscribers on connections of their own. One delivery is one message.
type fanOut struct {
	t    *target
	nc   *nats.Conn
	seen []chan struct{} // one token per chunk received, one channel per subscriber
}

func newFanOut(t *target, subscribers int) (load, error) {
	nc, err := t.connect("publisher")
	if err != nil {
		return nil, err
	}
	f := &fanOut{t: t, nc: nc}
	for range subscribers {
		if err := f.subscribe(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *fanOut) subscribe() error {
	nc, err := f.t.connectReceiver("subscriber")
	if err != nil {
		return err
	}
	tokens := make(chan struct{}, window+1)
	received := 0 // only the subscription's own goroutine touches it
	sub, err := nc.Subscribe(f.t.heard, func(*nats.Msg) {
		if received++; received%chunk == 0 {
			tokens <- struct{}{}
		}
	})
	if err != nil {
		return err
	}
	f.seen = append(f.seen, tokens)
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return err
	}
	return nc.Flush()
}

func (f *fanOut) prepare(int) error { return nil }

func (f *fanOut) run(n int) (int, error) {
	chunks := max(1, n/len(f.seen)/chunk)
	for sent := range chunks {
		if sent >= window {
			f.awaitChunk()
		}
		for range chunk {
			if err := f.nc.Publish(f.t.sent, f.t.payload); err != nil {
				return 0, err
			}
		}
	}
	for range min(window, chunks) {
		f.awaitChunk()
	}
	return chunks * chunk * len(f.seen), nil
}

// awaitChunk waits until every subscriber has received one more chunk. The program's own timeout bounds it.
func (f *fanOut) awaitChunk() {
	for _, tokens := range f.seen {
		<-tokens
	}
}

// request asks a responder on another connection, from several goroutines at once. One message is a request
// together with its reply, so the server routes two.
type request struct {
	t        *target
	nc       *nats.Conn
	inFlight int
}

func newRequest(t *target, inFlight int) (load, error) {
	responder, err := t.connectReceiver("responder")
	if err != nil {
		return nil, err
	}
	if _, err := responder.Subscribe(t.heard, func(m *nats.Msg) { _ = m.Respond(t.payload) }); err != nil {
		return nil, err
	}
	if err := responder.Flush(); err != nil {
		return nil, err
	}
	nc, err := t.connect("requester")
	return &request{t, nc, inFlight}, err
}

func (r *request) prepare(int) error { return nil }

func (r *request) run(n int) (int, error) {
	each := max(1, n/r.inFlight)
	errs := make([]error, r.inFlight)
	var group sync.WaitGroup
	for worker := range r.inFlight {
		group.Go(func() { errs[worker] = r.ask(each) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return each * r.inFlight, nil
}

func (r *request) ask(n int) error {
	for range n {
		if _, err := r.nc.Request(r.t.sent, r.t.payload, 10*time.Second); err != nil {
			return err
		}
	}
	return nil
}
