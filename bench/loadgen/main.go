// Command loadgen drives one benchmark cell against a running server and prints one line of JSON:
// how many messages, the wall time, and the CPU time that the server's process spent meanwhile.
//
// The measured stretch is bracketed here and not in the caller, so that connecting, preparing streams and
// warming up count for neither the clock nor the server's CPU.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// load is one prepared cell. Each call of run moves at least n messages through the server, returns when the
// server has nothing left to do for them, and says how many it really moved.
type load interface {
	prepare(n int) error
	run(n int) (int, error)
}

type result struct {
	Messages int   `json:"messages"`
	WallNs   int64 `json:"wallNs"`
	CPUNs    int64 `json:"cpuNs"`
}

func main() {
	url := flag.String("url", "nats://127.0.0.1:4222", "the server")
	receiverURL := flag.String("receiver-url", "", "the server as receivers connect to it; as senders do by default")
	sent := flag.String("subject", subject, "what senders publish to")
	heard := flag.String("heard", "", "what receivers subscribe to; the same by default")
	cell := flag.String("cell", "publish", "which load")
	probe := flag.String("probe", "", "measure a state instead of a load: "+probeNames())
	login := flag.String("login", "none", "with -probe logins and storm: how to log in (none, password, nkey, tls)")
	seed := flag.String("seed", "", "with -login nkey: the user's seed")
	certificate := flag.String("make-certificate", "", "write cert.pem and key.pem into this directory, and end")
	messages := flag.Int("messages", 100_000, "messages in the measured stretch")
	warmup := flag.Int("warmup", 0, "messages before it, not measured")
	size := flag.Int("size", 128, "payload bytes")
	pid := flag.Int("pid", 0, "the server's process id")
	limit := flag.Duration("timeout", time.Minute, "give up after this long")
	flag.Parse()

	time.AfterFunc(*limit, func() { fail(fmt.Errorf("not finished after %v", *limit)) })
	if *certificate != "" {
		if err := makeCertificate(*certificate); err != nil {
			fail(err)
		}
		return
	}
	t := &target{
		url: *url, receiverURL: cmp.Or(*receiverURL, *url),
		sent: *sent, heard: cmp.Or(*heard, *sent), payload: make([]byte, *size),
	}
	res, err := measureOrProbe(t, *cell, *probe, &visitor{kind: *login, seed: *seed}, *pid, *warmup, *messages)
	if err != nil {
		fail(fmt.Errorf("%s: %w", cmp.Or(*probe, *cell), err))
	}
	if err := json.NewEncoder(os.Stdout).Encode(res); err != nil {
		fail(err)
	}
}

func measureOrProbe(t *target, cell, probe string, v *visitor, pid, warmup, n int) (any, error) {
	if probe == "" {
		return measure(cell, t, pid, warmup, n)
	}
	run, ok := probes[probe]
	if !ok {
		return nil, fmt.Errorf("no such probe; wanted one of %s", probeNames())
	}
	return run(t, v, pid, n)
}

func measure(cell string, t *target, pid, warmup, messages int) (result, error) {
	l, err := newLoad(cell, t)
	if err != nil {
		return result{}, err
	}
	if warmup > 0 {
		if err := l.prepare(warmup); err != nil {
			return result{}, err
		}
		if _, err := l.run(warmup); err != nil {
			return result{}, err
		}
	}
	if err := l.prepare(messages); err != nil {
		return result{}, err
	}
	cpu, err := cpuOfTree(pid)
	if err != nil {
		return result{}, err
	}
	start := time.Now()
	moved, err := l.run(messages)
	wall := time.Since(start)
	if err != nil {
		return result{}, err
	}
	after, err := cpuOfTree(pid)
	return result{Messages: moved, WallNs: wall.Nanoseconds(), CPUNs: after - cpu}, err
}

func newLoad(cell string, t *target) (load, error) {
	switch cell {
	case "publish":
		return newPublish(t)
	case "publish-subscribe":
		return newFanOut(t, 1)
	case "fan-out":
		return newFanOut(t, 4)
	case "fan-out-32":
		return newFanOut(t, 32)
	case "request":
		return newRequest(t, 64)
	case "request-single":
		return newRequest(t, 1)
	case "js-publish":
		return newJetPublish(t)
	case "js-publish-sync":
		return newJetPublishSync(t)
	case "js-publish-batch":
		return newJetBatch(t)
	case "js-fetch":
		return newJetConsume(t, false)
	case "js-work-queue":
		return newJetConsume(t, true)
	case "js-consume":
		return newJetDelivered(t, startConsume)
	case "js-push":
		return newJetDelivered(t, startPush)
	case "js-direct-get":
		return newDirectGet(t)
	case "kv-put":
		return newKVPut(t)
	case "kv-get":
		return newKVGet(t)
	case "kv-watch":
		return newKVWatch(t)
	}
	return nil, fmt.Errorf("no such cell")
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "loadgen:", err)
	os.Exit(1)
}
