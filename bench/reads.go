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

	newestCPU, listCPU time.Duration // of the server, for each
}

// read asks for both pages n times each, one after the other, as the last member.
func (s *server) read(n int) (r reads, err error) {
	newest, list := "/api/conversations/"+s.Library+"/messages?limit=50", "/api/conversations?limit=50"
	if s.kind.bare {
		filter := url.QueryEscape(`conversation="` + s.Library + `"`)
		newest = "/api/collections/messages/records?perPage=50&skipTotal=1&sort=-created&filter=" + filter
		list = "/api/collections/conversations/records?perPage=50"
	}
	if r.newest, r.newestCPU, err = s.ask(newest, n); err != nil {
		return r, err
	}
	r.list, r.listCPU, err = s.ask(list, n)
	return r, err
}

// ask asks for a page n times, after some times to warm up.
func (s *server) ask(path string, n int) (percentiles, time.Duration, error) {
	c, err := s.connect()
	if err != nil {
		return percentiles{}, 0, err
	}
	defer func() { _ = c.Close() }() // all is answered
	reader := s.Members[len(s.Members)-1]
	repeat := func(n int) (*samples, error) {
		took := &samples{}
		for range n {
			began := time.Now()
			if _, err := c.do(http.MethodGet, path, reader.Token, nil); err != nil {
				return nil, err
			}
			took.add(time.Since(began))
		}
		return took, nil
	}
	if _, err := repeat(n / 10); err != nil {
		return percentiles{}, 0, err
	}
	var took *samples
	used, err := s.cpuDuring(func() error {
		took, err = repeat(n)
		return err
	})
	if err != nil {
		return percentiles{}, 0, err
	}
	return took.percentiles(), used / time.Duration(n), nil
}
