package main

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nkeys"
)

const loginLimit = 30 * time.Second

// visitor logs in on bare sockets: a client library would cost more than the server that is measured.
type visitor struct {
	// kind is none, password, nkey or tls. A password may be hashed in the server's configuration.
	kind string
	seed string
}

// login connects and waits for the PONG that says it is in.
func (v *visitor) login(target string) (net.Conn, *bufio.Reader, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.DialTimeout("tcp", u.Host, loginLimit)
	if err != nil {
		return nil, nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(loginLimit))
	in, reader, err := v.enter(conn, u)
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return in, reader, in.SetDeadline(time.Time{})
}

func (v *visitor) enter(conn net.Conn, u *url.URL) (net.Conn, *bufio.Reader, error) {
	reader := bufio.NewReaderSize(conn, 1024)
	info, err := reader.ReadString('\n')
	if err != nil {
		return nil, nil, err
	}
	if v.kind == "tls" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		reader = bufio.NewReaderSize(conn, 1024)
	}
	hello, err := v.connectLine(info, u.User)
	if err != nil {
		return nil, nil, err
	}
	if _, err := conn.Write([]byte(hello + "PING\r\n")); err != nil {
		return nil, nil, err
	}
	return conn, reader, awaitPong(reader)
}

func (v *visitor) connectLine(info string, user *url.Userinfo) (string, error) {
	options := map[string]any{"verbose": false, "pedantic": false, "lang": "bench", "version": "1", "protocol": 1}
	switch {
	case v.kind == "nkey":
		pair, err := nkeys.FromSeed([]byte(v.seed))
		if err != nil {
			return "", err
		}
		var greeting struct{ Nonce string }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(info, "INFO ")), &greeting); err != nil {
			return "", err
		}
		signature, err := pair.Sign([]byte(greeting.Nonce))
		if err != nil {
			return "", err
		}
		options["nkey"], _ = pair.PublicKey()
		options["sig"] = base64.RawURLEncoding.EncodeToString(signature)
	case user != nil:
		options["user"] = user.Username()
		options["pass"], _ = user.Password()
	}
	text, err := json.Marshal(options)
	return fmt.Sprintf("CONNECT %s\r\n", text), err
}

func awaitPong(reader *bufio.Reader) error {
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "PONG") {
			return nil
		}
		if strings.HasPrefix(line, "-ERR") {
			return fmt.Errorf("the server said %s", strings.TrimSpace(line))
		}
	}
}
