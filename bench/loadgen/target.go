package main

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// subject is the one subject of the JetStream cells, and of the others where no flag names another.
const subject = "bench.subject"

// target is the server under load and what is sent to it.
type target struct {
	// url is where senders connect, with a user and a password where one is needed.
	url string
	// receiverURL is where receivers connect; another user of it may be in another account.
	receiverURL string
	// sent is the subject that senders use, heard the one that receivers subscribe to.
	sent, heard string
	payload     []byte
}

// connect opens a sender's connection.
func (t *target) connect(name string) (*nats.Conn, error) { return dial(t.url, name) }

// connectReceiver opens a receiver's connection.
func (t *target) connectReceiver(name string) (*nats.Conn, error) { return dial(t.receiverURL, name) }

// dial opens a connection that treats any trouble as the end of the measurement: a figure from a run with a
// reconnect, a slow consumer or a permission error in it would be worth nothing.
func dial(url, name string) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name("loadgen " + name),
		nats.NoReconnect(),
		// Closing it ourselves at the end is no trouble.
		nats.NoCallbacksAfterClientClose(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			fail(fmt.Errorf("connection %s: %w", name, err))
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			fail(fmt.Errorf("connection %s was closed by the server: %v", name, err))
		}),
	}
	if strings.HasPrefix(url, "tls:") || strings.HasPrefix(url, "wss:") {
		options = append(options, nats.Secure(&tls.Config{InsecureSkipVerify: true}))
	}
	return nats.Connect(url, options...)
}
