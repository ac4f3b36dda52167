package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"carecollective/bench/stage"
)

// mark stands before and after the moment at which a message was to be sent, in its content.
const mark = "@"

// text is what messages say apart from that.
const text = "Shall I bring the groceries on Thursday?"

// audience are members who are online, subscribed to their messages.
type audience struct {
	streams []*connection
	readers sync.WaitGroup
	heard   []*samples // by member: how long after its moment each message of another was heard
}

// gather brings the first n members online.
func (s *server) gather(n int) (*audience, error) {
	a := &audience{streams: make([]*connection, n), heard: make([]*samples, n)}
	const together = 8
	var waiting sync.WaitGroup
	errs := make(chan error, together)
	for first := range together {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			for i := first; i < n; i += together {
				if err := a.open(s, i); err != nil {
					errs <- fmt.Errorf("open a stream: %w", err)
					return
				}
			}
		}()
	}
	waiting.Wait()
	close(errs)
	return a, <-errs
}

// open opens the stream of a member and subscribes it, as the SDK does.
func (a *audience) open(s *server, member int) error {
	c, err := s.connect()
	if err != nil {
		return err
	}
	a.streams[member], a.heard[member] = c, &samples{}
	who := s.Members[member]
	if err := c.write(http.MethodGet, "/api/realtime", "", nil); err != nil { // an EventSource sends no token
		return err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return err
	}
	lines := bufio.NewReaderSize(response.Body, 4<<10)
	client, err := clientID(lines)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"clientId": client, "subscriptions": []string{"messages/*"}})
	if err != nil {
		return err
	}
	asking, err := s.connect()
	if err != nil {
		return err
	}
	defer func() { _ = asking.Close() }() // answered already
	if _, err := asking.do(http.MethodPost, "/api/realtime", who.Token, body); err != nil {
		return err
	}
	a.readers.Add(1)
	go func() {
		defer a.readers.Done()
		a.heard[member].listen(lines, who)
	}()
	return nil
}

func clientID(lines *bufio.Reader) (string, error) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return "", err
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok {
			var connected struct{ ClientID string }
			if err := json.Unmarshal([]byte(data), &connected); err != nil || connected.ClientID == "" {
				return "", errors.Join(errors.New("no client id"), err)
			}
			return connected.ClientID, nil
		}
	}
}

// listen notes when messages of others come, until the stream ends.
func (s *samples) listen(lines *bufio.Reader, who stage.Member) {
	own := []byte(`"sender":"` + who.ID)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		if !bytes.Contains(line, []byte(`"action":"create"`)) || bytes.Contains(line, own) {
			continue
		}
		if _, after, ok := bytes.Cut(line, []byte(mark)); ok {
			if moment, _, ok := bytes.Cut(after, []byte(mark)); ok {
				if n, err := strconv.ParseInt(string(moment), 10, 64); err == nil {
					s.add(time.Since(time.Unix(0, n)))
				}
			}
		}
	}
}

// leave closes all streams.
func (a *audience) leave() {
	for _, stream := range a.streams {
		if stream != nil {
			_ = stream.Close() // nothing is left to be read
		}
	}
	a.readers.Wait()
}

// reset forgets what was heard so far.
func (a *audience) reset() {
	for _, s := range a.heard {
		s.reset()
	}
}

// all is what everyone has heard.
func (a *audience) all() *samples {
	together := &samples{}
	for _, s := range a.heard {
		together.join(s)
	}
	return together
}
