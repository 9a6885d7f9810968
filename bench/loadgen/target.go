package main

import (
	"fmt"

	"github.com/nats-io/nats.go"
)

// subject is the one subject of every core cell.
const subject = "bench.subject"

// target is the server under load and what is sent to it.
type target struct {
	url     string
	payload []byte
}

// connect opens a connection that treats any trouble as the end of the measurement: a figure from a run with a
// reconnect, a slow consumer or a permission error in it would be worth nothing.
func (t *target) connect(name string) (*nats.Conn, error) {
	return nats.Connect(t.url,
		nats.Name("loadgen "+name),
		nats.NoReconnect(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			fail(fmt.Errorf("connection %s: %w", name, err))
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			fail(fmt.Errorf("connection %s was closed by the server: %v", name, err))
		}))
}
