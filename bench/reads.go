package main

import (
	"net/http"
	"net/url"
	"time"
)

// reads are how long two pages take.
type reads struct {
	newest percentiles // the newest 50 messages of a long conversation
	list   percentiles // the first 50 of 500 conversations
}

// read asks for both pages n times each, one after the other, as the last member.
func (s *server) read(n int) (r reads, err error) {
	newest, list := "/api/conversations/"+s.Library+"/messages?limit=50", "/api/conversations?limit=50"
	if s.kind.bare {
		filter := url.QueryEscape(`conversation="` + s.Library + `"`)
		newest = "/api/collections/messages/records?perPage=50&skipTotal=1&sort=-created&filter=" + filter
		list = "/api/collections/conversations/records?perPage=50"
	}
	if r.newest, err = s.ask(newest, n); err != nil {
		return r, err
	}
	r.list, err = s.ask(list, n)
	return r, err
}

func (s *server) ask(path string, n int) (percentiles, error) {
	c, err := s.connect()
	if err != nil {
		return percentiles{}, err
	}
	defer func() { _ = c.Close() }() // all is answered
	took := &samples{}
	reader := s.Members[len(s.Members)-1]
	for i := range n + n/10 {
		began := time.Now()
		if _, err := c.do(http.MethodGet, path, reader.Token, nil); err != nil {
			return percentiles{}, err
		}
		if i >= n/10 { // the first are to warm up
			took.add(time.Since(began))
		}
	}
	return took.percentiles(), nil
}
