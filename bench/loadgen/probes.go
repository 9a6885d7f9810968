package main

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// figures are what a probe found, by name; the names say the unit.
type figures map[string]float64

// A probe measures a state of the server, or what many small things cost together.
var probes = map[string]func(t *target, v *visitor, pid, n int) (figures, error){
	"idle":          probeIdle,
	"subscriptions": probeSubscriptions,
	"stored":        probeStored,
	"streams":       probeStreams,
	"long":          probeLong,
	"keys":          probeKeys,
	"logins":        probeLogins,
	"storm":         probeStorm,
}

// settle is how long a server may take to give back what it needed for a moment.
const settle = 1500 * time.Millisecond

// loginsAtOnce is how many logins are on their way at the same time.
const loginsAtOnce = 32

func probeNames() string { return strings.Join(slices.Sorted(maps.Keys(probes)), ", ") }

// probeIdle opens n connections with one subscription each and leaves them alone.
func probeIdle(t *target, v *visitor, pid, n int) (figures, error) {
	before, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	conns := make([]net.Conn, 0, n)
	for i := range n {
		conn, reader, err := v.login(t.url)
		if err != nil {
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
		if err := sayAndWait(conn, reader, fmt.Appendf(nil, "SUB idle.%d 1\r\n", i)); err != nil {
			return nil, err
		}
		conns = append(conns, conn)
	}
	time.Sleep(settle)
	after, err := residentOfTree(pid)
	runtime.KeepAlive(conns)
	return figures{"bytesEach": float64(after-before) / float64(n)}, err
}

// probeSubscriptions makes n subscriptions to different subjects on one connection.
func probeSubscriptions(t *target, v *visitor, pid, n int) (figures, error) {
	conn, reader, err := v.login(t.url)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for i := range n {
		fmt.Fprintf(&text, "SUB bench.sub.%d %d\r\n", i, i)
	}
	return costOfEach(pid, n, func() error { return sayAndWait(conn, reader, text.Bytes()) })
}

// costOfEach tells what n things cost that act makes: memory, time, and CPU of the server.
func costOfEach(pid, n int, act func() error) (figures, error) {
	before, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	cpu, err := cpuOfTree(pid)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := act(); err != nil {
		return nil, err
	}
	wall := time.Since(start)
	spent, err := cpuOfTree(pid)
	if err != nil {
		return nil, err
	}
	time.Sleep(settle)
	after, err := residentOfTree(pid)
	return figures{
		"bytesEach": float64(after-before) / float64(n),
		"perSecond": float64(n) / wall.Seconds(),
		"cpuNsEach": float64(spent-cpu) / float64(n),
	}, err
}

func sayAndWait(conn net.Conn, reader *bufio.Reader, text []byte) error {
	if _, err := conn.Write(append(text, "PING\r\n"...)); err != nil {
		return err
	}
	return awaitPong(reader)
}

// probeStored fills a stream in memory.
func probeStored(t *target, _ *visitor, pid, n int) (figures, error) {
	j, err := newJet(t)
	if err != nil {
		return nil, err
	}
	if err := j.fresh(); err != nil {
		return nil, err
	}
	if err := j.fill(n / 10); err != nil { // compilers and buffers settle first
		return nil, err
	}
	before, err := residentOfTree(pid)
	if err != nil {
		return nil, err
	}
	if err := j.fill(n); err != nil {
		return nil, err
	}
	time.Sleep(settle)
	after, err := residentOfTree(pid)
	return figures{"bytesEach": float64(after-before) / float64(n)}, err
}

// probeLogins connects n times, several at once, and leaves again.
func probeLogins(t *target, v *visitor, pid, n int) (figures, error) {
	if err := logins(t, v, max(1, n/10)); err != nil { // compilers settle first
		return nil, err
	}
	cpu, err := cpuOfTree(pid)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := logins(t, v, n); err != nil {
		return nil, err
	}
	wall := time.Since(start)
	spent, err := cpuOfTree(pid)
	return figures{
		"perSecond": float64(n) / wall.Seconds(),
		"cpuUsEach": float64(spent-cpu) / float64(n) / 1e3,
	}, err
}

func logins(t *target, v *visitor, n int) error {
	left := make(chan struct{}, n)
	for range n {
		left <- struct{}{}
	}
	close(left)
	errs := make(chan error, loginsAtOnce)
	var group sync.WaitGroup
	for range min(n, loginsAtOnce) {
		group.Go(func() {
			for range left {
				conn, _, err := v.login(t.receiverURL)
				if err != nil {
					errs <- err
					return
				}
				_ = conn.Close()
			}
		})
	}
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// residentOfTree is the memory, in bytes, that a process and its descendants hold. A server that is started through
// another program is found below it.
func residentOfTree(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	var total int64
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				return 0, err
			}
			total += kib * 1024
		}
	}
	return total, nil
}
