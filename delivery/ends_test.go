package delivery_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/delivery"
	"carecollective/internal/apptest"
)

func TestAReaderWhoHasStalledDoesNotOutliveTheBan(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	wired(t, ben, "messages/*", "resync")
	flood(t, ana, id, func() bool { return delivery.Stalled(w.Live) > 0 })
	delivery.WriteWithoutDeadline(w.Live) // so that nothing but the ban ends the stream
	w.Stands(ben, apptest.JSON{"restriction_level": "banned"})
	eventually(t, "the stream ends", func() bool { return delivery.Streams(w.Live) == 0 })
}

func TestAReaderWhoHasStalledIsToldToCatchUpWhenTheyReadAgain(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	his := wired(t, ben, "messages/*", "resync")
	stalled, before := false, 0
	flood(t, ana, id, func() bool { // until less waits for who takes nothing: what was too much is gone
		waits := delivery.Queued(w.Live)
		gone := stalled && waits < before
		stalled, before = stalled || delivery.Stalled(w.Live) > 0, waits
		return gone
	})
	his.until(t, "event:resync")
	if line := his.until(t, "data:"); !strings.Contains(line, `{"reason":"too_slow"}`) {
		t.Errorf("the reason is %s", line)
	}
}

func TestAReaderWhoHasStalledAndWantsNoResyncIsCutOff(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	wired(t, ben, "messages/*")
	flood(t, ana, id, func() bool { return delivery.Streams(w.Live) == 0 })
}

func TestManySlowReadersCostLittleAndHoldUpNobody(t *testing.T) {
	t.Parallel()
	const slow = 40
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	for range slow {
		wired(t, ben, "messages/*", "resync")
	}
	quick := ana.Listen("messages/*")
	flood(t, ana, id, func() bool { // all but the quick one, or those that are left on a slow machine
		return delivery.Stalled(w.Live) > 0 && delivery.Stalled(w.Live) >= delivery.Streams(w.Live)-1
	})
	for range 20 {
		ana.Says(t, id, long)
	}
	last := ana.Says(t, id, "the last")
	for {
		if e := quick.Want("messages/*"); e.Text("record.id") == last && e.Text("action") == "create" {
			break
		}
	}
	if most := delivery.Queued(w.Live); most > delivery.StalledBytes+len(long) {
		t.Errorf("%d bytes wait for a reader", most)
	}
}

func TestStreamsAreLimitedByAccountAndAddress(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana := w.Member("Ana")
	w.Settings(apptest.JSON{"streams_per_account": 2, "streams_per_address": 3})
	first := ana.Listen("messages/*")
	ana.Listen("messages/*")
	first.Subscribe(ana, "conversations/*").Want(t, 204) // not another one
	third := ana.Connect()
	third.Subscribe(ana, "messages/*").Refused(t, "rate_limited")
	if got := w.Guest().Get("/realtime").Refused(t, "rate_limited"); got.Header.Get("Retry-After") == "" {
		t.Errorf("the header is %v", got.Header)
	}
	first.Close()
	eventually(t, "the place is free again", func() bool { return delivery.Streams(w.Live) == 2 })
	third.Subscribe(ana, "messages/*").Want(t, 204)
	ana.Connect()
}

func TestAStreamOnWhichNobodySubscribesEnds(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana := w.Member("Ana")
	idle, used := ana.Connect(), ana.Listen("resync")
	delivery.Sweep(w.Live, time.Now().Add(delivery.UnboundFor+time.Second))
	idle.Ended()
	if delivery.Streams(w.Live) != 1 {
		t.Error("that of a member ends too")
	}
	used.Close()
}

func TestTheStreamsOfADeletedAccountEnd(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana := w.Member("Ana")
	hers := ana.Listen("messages/*")
	record, err := w.App.FindRecordById("users", ana.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.App.Delete(record); err != nil {
		t.Fatal(err)
	}
	hers.Ended()
}

func TestABrokenEventDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	w.App.OnRecordEnrich("messages").BindFunc(func(e *core.RecordEnrichEvent) error {
		if e.RequestInfo.Context == core.RequestInfoContextRealtime && e.Record.GetInt("seq") == 2 {
			panic("broken")
		}
		return e.Next()
	})
	his := ben.Listen("messages/*")
	ana.Says(t, id, "broken")
	ana.Says(t, id, "whole")
	if e := his.Want("messages/*"); e.Text("record.content") != "whole" {
		t.Errorf("heard %s", e.Raw)
	}
}

func TestAQuietStreamGetsASignOfLife(t *testing.T) {
	t.Parallel()
	w := world(t)
	his := wired(t, w.Member("Ben"), "messages/*")
	delivery.Sweep(w.Live, time.Now().Add(delivery.HeartbeatGap))
	if line := his.until(t, ":\n"); line != ":\n" {
		t.Errorf("it is %q", line)
	}
}

func TestTheEndOfTheServerIsToldToTheStreams(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	hers, his := ana.Listen("resync"), ben.Listen("messages/*")
	delivery.Farewell(w.Live)
	if e := hers.Want("resync"); e.Raw != `{"reason":"shutdown"}` {
		t.Errorf("heard %s", e.Raw)
	}
	hers.Ended()
	his.Ended()
	response, err := http.Get(w.URL + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		t.Error("a stream is opened that nobody ends")
	}
}

func TestAStormOfReconnectsLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	parallel(20, func(int) {
		for range 10 {
			ben.Listen("messages/*", "resync").Close()
		}
	})
	eventually(t, "all streams are gone", func() bool { return delivery.Streams(w.Live) == 0 })
	his := ben.Listen("messages/*")
	ana.Says(t, id, "hello")
	his.Want("messages/*")
}

func TestAConnectionThatEndsInTheMiddleOfAnEventProvesNoDelivery(t *testing.T) {
	t.Parallel()
	w := world(t)
	ana, ben := w.Member("Ana"), w.Member("Ben")
	id := ana.Meets(t, ben)
	his := wired(t, ben, "messages/*", "resync")
	flood(t, ana, id, func() bool { return delivery.Stalled(w.Live) > 0 })
	last := ana.Says(t, id, "never written")
	if err := his.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	eventually(t, "the stream ends", func() bool { return delivery.Streams(w.Live) == 0 })
	receipts(w)
	if status := ana.Get("/collections/messages/records/" + last).Text("status"); status != "sent" {
		t.Errorf("a message that was never written is %s", status)
	}
}
