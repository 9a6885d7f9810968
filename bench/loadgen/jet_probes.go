package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// asker sends API requests, several at once.
type asker struct {
	nc *nats.Conn
}

func newAsker(t *target) (*asker, error) {
	nc, err := t.connect("asker")
	return &asker{nc}, err
}

// ask returns the answer, or the error in it.
func (a *asker) ask(api, body string) ([]byte, error) {
	reply, err := a.nc.Request("$JS.API."+api, []byte(body), time.Minute)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", api, err)
	}
	if bytes.Contains(reply.Data, []byte(`"error":`)) {
		return nil, fmt.Errorf("%s: %s", api, reply.Data)
	}
	return reply.Data, nil
}

// timed is how long an API request takes, in ms.
func (a *asker) timed(api, body string) (float64, error) {
	start := time.Now()
	_, err := a.ask(api, body)
	return float64(time.Since(start)) / 1e6, err
}

// probeStreams makes n streams with a consumer each, lists all of them, and deletes them.
func probeStreams(t *target, _ *visitor, pid, n int) (figures, error) {
	a, err := newAsker(t)
	if err != nil {
		return nil, err
	}
	found, err := costOfEach(pid, n, func() error {
		_, err := eachAtOnce(n, a.makeStream)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Microseconds suit a stream better.
	found["cpuUsEach"] = found["cpuNsEach"] / 1e3
	delete(found, "cpuNsEach")
	listing := time.Now()
	listed, err := a.listNames()
	if err == nil && listed < n/inFlight*inFlight {
		err = fmt.Errorf("%d of %d streams are listed", listed, n)
	}
	found["listMs"] = float64(time.Since(listing)) / 1e6
	return found, err
}

func (a *asker) makeStream(i int) error {
	name := fmt.Sprint("S", i)
	if _, err := a.ask("STREAM.CREATE."+name,
		fmt.Sprintf(`{"name":%q,"subjects":["s.%d"],"storage":"memory"}`, name, i)); err != nil {
		return err
	}
	_, err := a.ask("CONSUMER.CREATE."+name+".c",
		fmt.Sprintf(`{"stream_name":%q,"config":{"name":"c","durable_name":"c","ack_policy":"explicit"}}`, name))
	return err
}

// listNames asks for one page after the other.
func (a *asker) listNames() (int, error) {
	for listed := 0; ; {
		data, err := a.ask("STREAM.NAMES", fmt.Sprintf(`{"offset":%d}`, listed))
		if err != nil {
			return listed, err
		}
		var page struct{ Streams []string }
		if err := json.Unmarshal(data, &page); err != nil || len(page.Streams) == 0 {
			return listed, err
		}
		listed += len(page.Streams)
	}
}

// store publishes n messages to subjects of a stream; every now and then it waits for an acknowledgement, because
// servers bound what waits to be stored.
func (j *jet) store(n int, subjectOf func(i int) string) error {
	const unacknowledged = 4_000
	payload := []byte("0123456789abcdef")
	for i := range n {
		if i%unacknowledged != unacknowledged-1 && i != n-1 {
			if err := j.nc.Publish(subjectOf(i), payload); err != nil {
				return err
			}
		} else if _, err := j.js.Publish(context.Background(), subjectOf(i), payload); err != nil {
			return err
		}
	}
	return nil
}

func (j *jet) freshOn(subjects string, perSubject int64) error {
	err := j.js.DeleteStream(context.Background(), streamName)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	j.stream, err = j.js.CreateStream(context.Background(), jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subjects}, Storage: jetstream.MemoryStorage,
		MaxMsgsPerSubject: perSubject,
	})
	return err
}

// probeLong fills one stream with n small messages on two subjects, and takes them out again.
func probeLong(t *target, _ *visitor, pid, n int) (figures, error) {
	j, err := newJet(t)
	if err != nil {
		return nil, err
	}
	if err := j.freshOn("long.*", -1); err != nil {
		return nil, err
	}
	before, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	names := []string{"long.a", "long.b"}
	if err := j.store(n, func(i int) string { return names[i%2] }); err != nil {
		return nil, err
	}
	if err := j.expectStored(n); err != nil {
		return nil, err
	}
	after, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	a := &asker{j.nc}
	found := figures{"bytesEach": float64(after-before) / float64(n)}
	steps := []struct{ key, api, body string }{
		{"infoMs", "STREAM.INFO." + streamName, ""},
		{"lastMs", "STREAM.MSG.GET." + streamName, `{"last_by_subj":"long.*"}`},
		{"consumerMs", "CONSUMER.CREATE." + streamName + ".c", fmt.Sprintf(
			`{"stream_name":%q,"config":{"name":"c","filter_subject":"long.a","ack_policy":"explicit"}}`, streamName)},
		{"halfMs", "STREAM.PURGE." + streamName, `{"filter":"long.a"}`},
		{"restMs", "STREAM.PURGE." + streamName, ""},
	}
	pinged, stop := a.pingMeanwhile(t)
	for _, step := range steps {
		if found[step.key], err = a.timed(step.api, step.body); err != nil {
			return nil, err
		}
	}
	close(stop)
	found["stallMs"] = <-pinged
	return found, nil
}

// pingMeanwhile asks the server for a PONG again and again on another connection. The longest wait comes on the first
// channel once the second is closed.
func (a *asker) pingMeanwhile(t *target) (<-chan float64, chan<- struct{}) {
	longest := make(chan float64, 1)
	stop := make(chan struct{})
	nc, err := t.connect("bystander")
	var once sync.Once
	go func() {
		most := 0.0
		for err == nil {
			select {
			case <-stop:
				once.Do(func() { longest <- most; nc.Close() })
				return
			default:
			}
			start := time.Now()
			err = nc.Flush()
			most = max(most, float64(time.Since(start))/1e6)
			time.Sleep(time.Millisecond)
		}
		longest <- -1
	}()
	return longest, stop
}

// probeKeys stores n messages on as many subjects, one for each, and then each again.
func probeKeys(t *target, _ *visitor, pid, n int) (figures, error) {
	j, err := newJet(t)
	if err != nil {
		return nil, err
	}
	if err := j.freshOn("keys.>", 1); err != nil {
		return nil, err
	}
	before, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	found := figures{}
	subjectOf := func(i int) string { return fmt.Sprintf("keys.group%d.key%d", i%100, i) }
	for _, key := range []string{"newUs", "againUs"} {
		cpu, err := cpuOfTree(pid)
		if err != nil {
			return nil, err
		}
		if err := j.store(n, subjectOf); err != nil {
			return nil, err
		}
		spent, err := cpuOfTree(pid)
		if err != nil {
			return nil, err
		}
		found[key] = float64(spent-cpu) / float64(n) / 1e3
		if key == "newUs" {
			after, err := residentOfTree(pid)
			if err != nil {
				return nil, err
			}
			found["bytesEach"] = float64(after-before) / float64(n)
		}
	}
	if err := j.expectStored(n); err != nil {
		return nil, err
	}
	a := &asker{j.nc}
	pinged, stop := a.pingMeanwhile(t)
	found["consumerMs"], err = a.timed("CONSUMER.CREATE."+streamName+".c", fmt.Sprintf(
		`{"stream_name":%q,"config":{"name":"c","filter_subject":"keys.group7.*","ack_policy":"none","deliver_policy":"last_per_subject"}}`,
		streamName))
	if err != nil {
		return nil, err
	}
	found["lastMs"], err = a.timed("STREAM.MSG.GET."+streamName, `{"last_by_subj":"keys.group7.*"}`)
	close(stop)
	found["stallMs"] = <-pinged
	return found, err
}
