package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

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
