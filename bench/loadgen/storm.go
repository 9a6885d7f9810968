package main

import (
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// stormPace is the time between two messages of the steady traffic.
	stormPace = time.Millisecond
	calm      = 1500 * time.Millisecond
)

// probeStorm sends steady traffic and measures how long each message takes: first alone, then while n clients log in.
func probeStorm(t *target, v *visitor, _, n int) (figures, error) {
	watch, err := newLatencyWatch(t)
	if err != nil {
		return nil, err
	}
	time.Sleep(calm / 3)
	watch.take()
	time.Sleep(calm)
	before := watch.take()
	start := time.Now()
	err = logins(t, v, n)
	wall := time.Since(start)
	during := watch.take()
	watch.stop()
	return figures{
		"calmP50Us": quantile(before, 0.5), "calmP99Us": quantile(before, 0.99),
		"p50Us": quantile(during, 0.5), "p99Us": quantile(during, 0.99), "maxUs": quantile(during, 1),
		"loginsPerSecond": float64(n) / wall.Seconds(),
	}, err
}

// latencyWatch sends a message every millisecond from one connection to another and notes how long each took.
type latencyWatch struct {
	done  chan struct{}
	mutex sync.Mutex
	took  []time.Duration
}

func newLatencyWatch(t *target) (*latencyWatch, error) {
	w := &latencyWatch{done: make(chan struct{})}
	receiver, err := t.connect("latency receiver")
	if err != nil {
		return nil, err
	}
	epoch := time.Now()
	_, err = receiver.Subscribe("bench.latency", func(m *nats.Msg) {
		took := time.Since(epoch) - time.Duration(binary.LittleEndian.Uint64(m.Data))
		w.mutex.Lock()
		w.took = append(w.took, took)
		w.mutex.Unlock()
	})
	if err != nil {
		return nil, err
	}
	if err := receiver.Flush(); err != nil {
		return nil, err
	}
	sender, err := t.connect("latency sender")
	if err != nil {
		return nil, err
	}
	go w.send(sender, epoch)
	return w, nil
}

func (w *latencyWatch) send(nc *nats.Conn, epoch time.Time) {
	ticker := time.NewTicker(stormPace)
	defer ticker.Stop()
	for {
		select {
		case <-w.done:
			return
		case <-ticker.C:
			stamp := binary.LittleEndian.AppendUint64(nil, uint64(time.Since(epoch)))
			_ = nc.Publish("bench.latency", stamp)
		}
	}
}

// take returns what was noted since the last call, sorted.
func (w *latencyWatch) take() []time.Duration {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	took := w.took
	w.took = nil
	slices.Sort(took)
	return took
}

func (w *latencyWatch) stop() { close(w.done) }

// quantile of sorted durations, in microseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return -1
	}
	return float64(sorted[int(q*float64(len(sorted)-1))].Nanoseconds()) / 1e3
}
