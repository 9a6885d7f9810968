package main

import (
	"context"
	"errors"
	"sync"
)

// inFlight is how many requests the cells that ask for single things have on their way.
const inFlight = 64

// eachAtOnce calls do n times, from several goroutines.
func eachAtOnce(n int, do func(i int) error) (int, error) {
	each := max(1, n/inFlight)
	errs := make([]error, inFlight)
	var group sync.WaitGroup
	for worker := range inFlight {
		group.Go(func() {
			for i := range each {
				if errs[worker] = do(worker*each + i); errs[worker] != nil {
					return
				}
			}
		})
	}
	group.Wait()
	return each * inFlight, errors.Join(errs...)
}

// directGet asks for stored messages by sequence.
type directGet struct{ *jet }

func newDirectGet(t *target) (load, error) {
	j, err := newJet(t)
	return &directGet{j}, err
}

const directMessages = 10_000

func (g *directGet) prepare(int) error {
	g.direct = true
	if err := g.fresh(); err != nil {
		return err
	}
	return g.fill(directMessages)
}

func (g *directGet) run(n int) (int, error) {
	return eachAtOnce(n, func(i int) error {
		_, err := g.stream.GetMsg(context.Background(), uint64(i%directMessages+1))
		return err
	})
}
