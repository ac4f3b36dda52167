package main

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// pairsOnline is how many pairs are online while sends are counted, however many of them write.
const pairsOnline = 16

// sends is what one count of sends has found.
type sends struct {
	perSecond float64
	percentiles
	cpu   time.Duration // of the server, for each
	heard int           // in a hundred
}

// countSends lets writers write as fast as they are answered, for so long, with all recipients online.
func (s *server) countSends(writers int, sdk bool, warm, long time.Duration) (sends, error) {
	online, err := s.gather(2 * pairsOnline)
	if err != nil {
		return sends{}, err
	}
	defer online.leave()
	if _, err := s.write(writers, sdk, warm); err != nil {
		return sends{}, err
	}
	time.Sleep(settle)
	online.reset()
	before, err := s.cpu()
	if err != nil {
		return sends{}, err
	}
	began := time.Now()
	answered, err := s.write(writers, sdk, long)
	if err != nil {
		return sends{}, err
	}
	took := time.Since(began)
	after, err := s.cpu()
	if err != nil {
		return sends{}, err
	}
	time.Sleep(settle)
	n := len(answered.times)
	return sends{
		perSecond:   float64(n) / took.Seconds(),
		percentiles: answered.percentiles(),
		cpu:         (after - before) / time.Duration(n),
		heard:       100 * len(online.all().times) / n,
	}, nil
}

// write lets writers, one of each pair, write for so long, each as soon as it was answered.
func (s *server) write(writers int, sdk bool, long time.Duration) (*samples, error) {
	answered, errs := &samples{}, make(chan error, writers)
	var waiting sync.WaitGroup
	end := time.Now().Add(long)
	for pair := range writers {
		w, err := s.writer(pair, sdk)
		if err != nil {
			return nil, err
		}
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			defer func() { _ = w.Close() }() // all is answered
			for began := time.Now(); began.Before(end); began = time.Now() {
				if err := w.send(began); err != nil {
					errs <- err
					return
				}
				answered.add(time.Since(began))
			}
		}()
	}
	waiting.Wait()
	close(errs)
	return answered, <-errs
}

// writer is the first of a pair, with a connection of their own.
type writer struct {
	*connection
	path, token string
	before      string // the body up to the moment, and after it
	after       string
	body        []byte
}

func (s *server) writer(pair int, sdk bool) (*writer, error) {
	c, err := s.connect()
	if err != nil {
		return nil, err
	}
	who := s.Members[2*pair]
	w := &writer{connection: c, token: who.Token, after: mark + ` ` + text + `"}`}
	if sdk || s.kind.bare {
		w.path = "/api/collections/messages/records"
		w.before = fmt.Sprintf(`{"conversation":%q,"sender":%q,"content":"%s`, s.Pairs[pair], who.ID, mark)
	} else {
		w.path = "/api/conversations/" + s.Pairs[pair] + "/messages"
		w.before = `{"content":"` + mark
	}
	return w, nil
}

// send sends a message that was to be sent at a moment, and waits for the answer.
func (w *writer) send(moment time.Time) error {
	w.body = append(w.body[:0], w.before...)
	w.body = strconv.AppendInt(w.body, moment.UnixNano(), 10)
	w.body = append(w.body, w.after...)
	_, err := w.do(http.MethodPost, w.path, w.token, w.body)
	return err
}
