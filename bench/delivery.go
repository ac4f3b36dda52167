package main

import (
	"sync"
	"time"
)

// delivered is what one measurement of delivery has found.
type delivered struct {
	online   int
	rate     float64 // messages a second
	answer   percentiles
	event    percentiles
	sent     int
	heard    int
	cpu      time.Duration // of the server, for each that was heard
	idle     time.Duration // of the server, a second, while nobody writes
	kibibyte float64       // of the server's memory for each stream
}

// deliver brings members online and lets pairs of them talk at a steady rate, whether or not the server keeps up: each
// message is timed from the moment at which it was to be sent.
func (s *server) deliver(online int, rate float64, long time.Duration) (delivered, error) {
	d := delivered{online: online, rate: rate}
	before, err := s.memory()
	if err != nil {
		return d, err
	}
	all, err := s.gather(online)
	if err != nil {
		return d, err
	}
	defer all.leave()
	time.Sleep(2 * settle)
	after, err := s.memory()
	if err != nil {
		return d, err
	}
	d.kibibyte = float64(after-before) / float64(online)
	if d.idle, err = s.cpuDuring(func() error { time.Sleep(2 * time.Second); return nil }); err != nil {
		return d, err
	}
	d.idle /= 2
	pairs := min(online/2, len(s.Pairs))
	if _, err := s.talk(pairs, rate, 2*time.Second); err != nil { // warm
		return d, err
	}
	time.Sleep(settle)
	all.reset()
	var answered *samples
	used, err := s.cpuDuring(func() error {
		answered, err = s.talk(pairs, rate, long)
		time.Sleep(settle)
		return err
	})
	if err != nil {
		return d, err
	}
	heard := all.all()
	d.sent, d.heard = len(answered.times), len(heard.times)
	d.answer, d.event = answered.percentiles(), heard.percentiles()
	if d.heard > 0 {
		d.cpu = used / time.Duration(d.heard)
	}
	return d, nil
}

// cpuDuring is the processor time that the server uses meanwhile.
func (s *server) cpuDuring(meanwhile func() error) (time.Duration, error) {
	before, err := s.cpu()
	if err != nil {
		return 0, err
	}
	if err := meanwhile(); err != nil {
		return 0, err
	}
	after, err := s.cpu()
	return after - before, err
}

// talk sends messages at a rate, by the pairs in turn, and answers how long after its moment each was acknowledged.
func (s *server) talk(pairs int, rate float64, long time.Duration) (*samples, error) {
	writers := make([]chan time.Time, pairs)
	errs := make(chan error, pairs)
	answered := &samples{}
	var waiting sync.WaitGroup
	for pair := range writers {
		w, err := s.writer(pair, false)
		if err != nil {
			return nil, err
		}
		moments := make(chan time.Time, 64)
		writers[pair] = moments
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			defer func() { _ = w.Close() }() // all is answered
			for moment := range moments {
				if err := w.send(moment); err != nil {
					errs <- err
					return
				}
				answered.add(time.Since(moment))
			}
		}()
	}
	began, n := time.Now(), int(rate*long.Seconds())
	for i := range n {
		moment := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		time.Sleep(time.Until(moment))
		select {
		case writers[i%pairs] <- moment:
		default: // that one is far behind
		}
	}
	for _, moments := range writers {
		close(moments)
	}
	waiting.Wait()
	close(errs)
	return answered, <-errs
}
