package collections_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"carecollective/audit"
	"carecollective/collections"
	"carecollective/internal/apptest"
	"carecollective/internal/readcache"
	"carecollective/internal/store"
	"carecollective/messaging"
	"carecollective/outbox"
	"carecollective/server"
)

// bare is an app with the schema, two members and none of the rules.
func bare(t *testing.T) (app core.App, ana, ben string) {
	t.Helper()
	w := apptest.New(t, server.Config{})
	ana, ben = w.Member("Ana").ID, w.Member("Ben").ID
	test, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: w.App.DataDir(), DBConnect: server.ConnectDB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(test.Cleanup)
	collections.UseVault(test, collections.Vault(w.App))
	return test, ana, ben
}

// must is the value of a call that cannot fail unless the test is lost.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func save(t *testing.T, app core.App, model core.Model) {
	t.Helper()
	if err := app.SaveNoValidate(model); err != nil {
		t.Fatal(err)
	}
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares what the accessors of a stored record say with what was set: by the accessor's name.
func same(t *testing.T, want, got map[string]any) {
	t.Helper()
	for name, value := range want {
		if !reflect.DeepEqual(got[name], value) {
			t.Errorf("%s is %v after the round trip, want %v", name, got[name], value)
		}
	}
	if len(want) != len(got) {
		t.Errorf("%d accessors were compared with %d values", len(got), len(want))
	}
}

// now is a moment as precise as the database keeps it.
var now = time.Date(2026, 11, 21, 12, 0, 0, 123e6, time.UTC)

func TestAMemberSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	m := must(collections.FindMember(app, ana))
	m.SetRole(collections.RoleModerator)
	m.ExemptVerification()
	done(t, m.SealPhone(app, "+49 30 5550100"))
	save(t, app, m)
	m = must(collections.FindMember(app, ana))
	same(t, map[string]any{
		"name": "Ana", "role": "moderator", "moderator": true, "exempt": true, "phone": "+49 30 5550100", "has phone": true, "recent": true,
	}, map[string]any{
		"name": m.Name(), "role": m.Role(), "moderator": m.IsModerator(), "exempt": m.ExemptFromVerification(),
		"phone": must(m.Phone(app)), "has phone": m.HasPhone(), "recent": time.Since(m.CreatedAt()) < time.Hour,
	})
}

func TestAHelpRequestSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	h := must(collections.NewHelpRequest(app, ana))
	h.Set("title", "A ladder")
	h.SetStatus("in_progress")
	save(t, app, h)
	h = must(collections.FindHelpRequest(app, h.Id, ana))
	same(t, map[string]any{"owner": ana, "title": "A ladder", "status": "in_progress", "open": true},
		map[string]any{"owner": h.Owner(), "title": h.Title(), "status": h.Status(), "open": h.Open()})
	if h.GetString("kind") != "need" || h.GetString("urgency") != "normal" {
		t.Errorf("the defaults: %v", h.PublicExport())
	}
}

// between is a stored conversation of Ana and Ben about a help request.
func between(t *testing.T, app core.App, ana, ben string) (*collections.Conversation, string) {
	t.Helper()
	h := must(collections.NewHelpRequest(app, ana))
	save(t, app, h)
	c := must(collections.NewConversation(app, collections.KindDirect, ana, h.Id))
	c.Between(ben, ana)
	done(t, c.SealTitle(app, "A title"))
	save(t, app, c)
	return c, h.Id
}

func TestAConversationSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	c, help := between(t, app, ana, ben)
	seq := must(c.Advance(app, now))
	done(t, c.Close(app, now))
	c = must(collections.FindConversation(app, c.Id))
	same(t, map[string]any{
		"kind": "direct", "direct": true, "help": help, "by": ana, "status": "closed", "active": false, "last": seq, "title": "A title",
		"ana's": ben, "ben's": ana, "at": store.Stamp(now),
	}, map[string]any{
		"kind": c.Kind(), "direct": c.Direct(), "help": c.HelpRequest(), "by": c.CreatedBy(), "status": c.Status(), "active": c.Active(),
		"last": c.LastSeq(), "title": must(c.Title(app)), "ana's": c.Other(ana), "ben's": c.Other(ben), "at": c.GetString("last_message_at"),
	})
}

func TestAParticipantSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	c, _ := between(t, app, ana, ben)
	p := must(collections.NewParticipant(app, c.Id, ben, collections.ConsentPending, now.Add(-time.Hour)))
	p.SetRole(collections.RoleModerator)
	p.AskedBy(ana, true, now)
	p.Answer(collections.ConsentAccepted, now)
	p.ReadUpTo(4, true)
	p.ReadUpTo(7, false)
	p.ReadUpTo(2, true)
	p.Leave(now)
	p.HideConversation()
	save(t, app, p)
	p = must(collections.FindParticipant(app, c.Id, ben))
	same(t, map[string]any{
		"conversation": c.Id, "user": ben, "role": "moderator", "consent": "accepted", "accepted": true, "left": true, "concealed": true, "sees": false,
		"by": ana, "asked": now, "unread": 0, "seq": 0, "at": store.Stamp(now.Add(-time.Hour)), "touched": store.Stamp(now),
		"read": 7, "delivered": 7, "shared read": 4, "shared delivered": 4, "joined": store.Stamp(now), "young": true,
	}, map[string]any{
		"conversation": p.Conversation(), "user": p.User(), "role": p.Role(), "consent": p.Consent(), "accepted": p.Accepted(), "left": p.Left(),
		"concealed": p.ConversationHidden(), "sees": p.Sees(), "by": p.InvitedBy(), "asked": p.RequestedAt(), "unread": p.Unread(), "seq": p.LatestSeq(),
		"at": p.LatestAt(), "touched": p.TouchedAt(), "read": p.LastReadSeq(), "delivered": p.LastDeliveredSeq(),
		"shared read": p.SharedReadSeq(), "shared delivered": p.SharedDeliveredSeq(), "joined": p.GetString("joined_at"), "young": p.GetBool("young_sender"),
	})
}

func TestAMessageSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	c, help := between(t, app, ana, ben)
	m := must(collections.NewMessage(app, "message00000001", c.Id, ana, "Hello"))
	m.SetCreated(now)
	m.Address(ben, help)
	m.SetType(collections.TypeSystem)
	m.Answer("message00000000")
	m.Hold()
	m.Place(5)
	m.KeepFor(ben)
	m.WithholdFrom([]string{ana})
	m.Flag("spam")
	done(t, messaging.Seal(app, m))
	earlier := map[string]collections.Version{ben: m.Current("Before")}
	done(t, m.SealEarlier(app, earlier))
	m.MarkEdited(now)
	save(t, app, m)
	m = must(collections.FindMessageAt(app, c.Id, 5))
	same(t, map[string]any{
		"id": "message00000001", "conversation": c.Id, "seq": 5, "sender": ana, "recipient": ben, "help": help, "type": "system", "reply": "message00000000",
		"status": "sent", "read": "", "moderation": "pending", "held": false, "taken": false, "deleted": false, "created": now, "shown": store.Stamp(now),
		"private": ben, "withheld": true, "not withheld": false, "text": "Hello", "earlier": earlier, "edited": store.Stamp(now),
		"changed": store.Stamp(now), "flagged": true, "why": "spam", "plain": "",
	}, map[string]any{
		"id": m.Id, "conversation": m.Conversation(), "seq": m.Seq(), "sender": m.Sender(), "recipient": m.Recipient(), "help": m.HelpRequest(), "type": m.Type(),
		"reply": m.ReplyTo(), "status": m.Status(), "read": m.ReadAt(), "moderation": m.Moderation(), "held": m.Held(), "taken": m.Taken(), "deleted": m.Deleted(),
		"created": m.CreatedTime(), "shown": m.CreatedAt(), "private": m.PrivateTo(), "withheld": m.WithheldFrom(ana), "not withheld": m.WithheldFrom(ben),
		"text": must(m.Unseal(app)), "earlier": must(m.Earlier(app)), "edited": m.GetString("edited_at"),
		"changed": m.GetString("changed_at"), "flagged": m.GetBool("is_flagged"), "why": m.GetString("flagged_reason"), "plain": m.Text(),
	})
	m.Erase(now)
	save(t, app, m)
	m = must(collections.FindMessage(app, m.Id))
	same(t, map[string]any{"deleted": true, "text": "", "earlier": map[string]collections.Version(nil), "at": store.Stamp(now)}, map[string]any{
		"deleted": m.Deleted(), "text": must(m.Unseal(app)), "earlier": must(m.Earlier(app)), "at": m.GetString("deleted_at"),
	})
}

func TestPreferencesSurviveTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	p := must(collections.FindPreferences(app, ana))
	given := map[string]any{
		"can_receive_from": "anyone", "auto_accept_help_requests": false, "email_notifications": false, "push_notifications": false,
		"quiet_hours_start": "22:00", "quiet_hours_end": "07:00", "read_receipts": false, "typing_indicators": false, "report_threshold": 7.0,
		"notify": map[string]any{"message": map[string]any{"email": false}}, "show_text": true, "let_through": []any{ben}, "let_through_urgent": true,
	}
	if len(given) != len(collections.PreferenceFields) {
		t.Errorf("of %v not all are tried", collections.PreferenceFields)
	}
	done(t, messaging.ChangePreferences(p, given))
	save(t, app, p)
	p = must(collections.FindPreferences(app, ana))
	same(t, map[string]any{"from": "anyone", "accept": false, "receipts": false, "typing": false, "threshold": 7}, map[string]any{
		"from": p.CanReceiveFrom(), "accept": p.AutoAccept(), "receipts": p.ReadReceipts(), "typing": p.TypingIndicators(), "threshold": p.ReportThreshold(),
	})
	for name, value := range given {
		if got := p.Get(name); name != "notify" && fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v", name, got, value)
		}
	}
	p.Set("push_notifications", true)
	start, end := outbox.QuietHours(p)
	same(t, map[string]any{
		"text": true, "through": []string{ben}, "urgent": true, "start": "22:00", "end": "07:00", "user": ana,
		"message": outbox.Wanted{App: true, Push: true}, "email": false,
	}, map[string]any{
		"text": p.ShowText(), "through": p.LetThrough(), "urgent": p.LetThroughUrgent(), "start": start, "end": end, "user": p.User(),
		"message": outbox.WantedChannels(p, collections.NoticeMessage), "email": p.Email(),
	})
}

func TestABlockSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	c, _ := between(t, app, ana, ben)
	for _, user := range []string{ana, ben} {
		p := must(collections.NewParticipant(app, c.Id, user, collections.ConsentAccepted, now))
		p.ReadUpTo(3, true)
		save(t, app, p)
	}
	b := must(collections.NewBlock(app, ana, ben))
	done(t, messaging.FreezeWatermarks(app, b))
	save(t, app, b)
	b = must(collections.FindBlock(app, ana, ben))
	same(t, map[string]any{"blocker": ana, "blocked": ben, "mark": collections.Watermark{Read: 3, Delivered: 3}, "elsewhere": collections.Watermark{}},
		map[string]any{"blocker": b.Blocker(), "blocked": b.Blocked(), "mark": b.Frozen(c.Id), "elsewhere": b.Frozen("x")})
}

func TestAContactSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, ben := bare(t)
	c, _ := between(t, app, ana, ben)
	x := must(collections.NewContact(app, c.Id, ana, ben, collections.ContactPhone))
	x.KeepFor(ana)
	done(t, x.Agree(app, "+49 30 5550100", now))
	save(t, app, x)
	done(t, messaging.EndContactsFor(app, ben, ana))
	x = must(collections.FindContact(app, x.Id))
	same(t, map[string]any{
		"conversation": c.Id, "requester": ana, "owner": ben, "type": "phone", "status": "agreed", "private": ana, "ended": ben,
		"value": "+49 30 5550100", "concerns": true, "not": false, "at": store.Stamp(now),
	}, map[string]any{
		"conversation": x.Conversation(), "requester": x.Requester(), "owner": x.Owner(), "type": x.Type(), "status": x.Status(), "private": x.PrivateTo(),
		"ended": x.EndedFor(), "value": must(x.Value(app)), "concerns": x.Concerns(ana), "not": x.Concerns(ben), "at": x.GetString("agreed_at"),
	})
	x.End(collections.ContactWithdrawn)
	save(t, app, x)
	x = must(collections.FindContact(app, x.Id))
	same(t, map[string]any{"status": "withdrawn", "value": ""}, map[string]any{"status": x.Status(), "value": must(x.Value(app))})
}

func TestAStandingSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	s := must(collections.FindStanding(app, ana))
	same(t, map[string]any{"level": "none", "send": true, "start": true, "approval": false, "limit": 0, "score": 75},
		map[string]any{"level": s.Level(), "send": s.CanSend(), "start": s.CanStart(), "approval": s.PreApproval(), "limit": s.DailyLimit(), "score": s.GetInt("trust_score")})
	s.ProxyRecord().Load(map[string]any{
		"restriction_level": "limited", "can_send_messages": false, "can_start_conversations": false, "requires_pre_approval": true,
		"message_limit_per_day": 4, "restricted_until": now, "reason": "Too loud",
	})
	save(t, app, s)
	s = must(collections.FindStanding(app, ana))
	same(t, map[string]any{"level": "limited", "send": false, "start": false, "approval": true, "limit": 4, "until": now, "reason": "Too loud", "over": true, "not over": false},
		map[string]any{
			"level": s.Level(), "send": s.CanSend(), "start": s.CanStart(), "approval": s.PreApproval(), "limit": s.DailyLimit(), "until": s.Until(),
			"reason": s.Reason(), "over": s.Over(now), "not over": s.Over(now.Add(-time.Second)),
		})
}

func TestADeviceSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	found := must(app.FindCachedCollectionByNameOrId(collections.PushSubscriptions))
	d := collections.AsDevice(core.NewRecord(found))
	done(t, d.Take(app, ana, "A browser", map[string]string{"endpoint": "https://push.example.org", "p256dh": "key", "auth": "secret"}))
	save(t, app, d)
	d = collections.AsDevice(must(app.FindRecordById(collections.PushSubscriptions, d.Id)))
	same(t, map[string]any{"user": ana, "agent": "A browser", "endpoint": "https://push.example.org", "p256dh": "key", "auth": "secret", "hashed": true}, map[string]any{
		"user": d.GetString("user"), "agent": d.GetString("user_agent"), "endpoint": must(d.Secret(app, "endpoint")),
		"p256dh": must(d.Secret(app, "p256dh")), "auth": must(d.Secret(app, "auth")), "hashed": len(d.GetString("endpoint_hash")) == 64,
	})
}

func TestSettingsBeginWithTheNumbersOfTheContract(t *testing.T) {
	t.Parallel()
	app, _, _ := bare(t)
	s := must(readcache.Settings(app))
	for name, want := range map[string]int{
		"daily_message_limit": 50, "established_after_days": 7, "window_message_limit": 50, "window_seconds": 900, "pending_requests_per_day": 10,
		"requests_per_day": 20, "request_again_days": 30, "group_members": 50, "permission_checks_per_hour": 120, "edit_window_seconds": 900,
		"retention_days": 0, "streams_per_account": 20, "streams_per_address": 50,
	} {
		if got := s.Int(name); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	limit, per := s.Window()
	same(t, map[string]any{"limit": 50, "per": 900 * time.Second, "day": 50, "established": 168 * time.Hour, "again": 720 * time.Hour, "edit": 900 * time.Second, "invite": false, "policy": "confirm"},
		map[string]any{"limit": limit, "per": per, "day": s.DailyLimit(), "established": s.Established(), "again": s.RequestAgain(), "edit": s.EditWindow(), "invite": s.InviteOnly(), "policy": s.PersonalDataPolicy()})
}

func TestTheAuditLogIsAChain(t *testing.T) {
	t.Parallel()
	app, ana, _ := bare(t)
	for _, action := range []string{audit.AuditSent, audit.AuditEdited, audit.AuditRead, audit.AuditDeleted} {
		done(t, audit.Record(app, action, "message00000001", ana, map[string]any{"seq": 1}, now))
	}
	entries, err := app.FindAllRecords(collections.AuditLog)
	done(t, err)
	hashes := map[string]bool{}
	for i, entry := range entries {
		hashes[entry.GetString("hash")] = true
		if entry.GetInt("position") != i+1 || entry.GetString("user") != ana || entry.GetString("message") != "message00000001" ||
			entry.GetString("created_at") != store.Stamp(now) || len(entry.GetString("hash")) != 64 || entry.GetString("metadata") != `{"seq":1}` {
			t.Errorf("entry %d: %v", i, entry.PublicExport())
		}
	}
	if len(hashes) != 4 {
		t.Errorf("%d different hashes", len(hashes))
	}
}

// notFields are names that a record is asked for although they are no field of a collection: plain values that ride on it.
var notFields = map[string]bool{collections.Content: true}

var accessor = regexp.MustCompile("^(Get|Set)")

// TestEveryFieldThatIsNamedExists reads the package's own source: a misspelt name would be silent.
func TestEveryFieldThatIsNamedExists(t *testing.T) {
	t.Parallel()
	app, _, _ := bare(t)
	known := map[string]bool{}
	for _, name := range collections.All() {
		for _, field := range must(app.FindCachedCollectionByNameOrId(name)).Fields {
			known[field.GetName()] = true
		}
	}
	named := 0
	look := func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, _ := call.Fun.(*ast.SelectorExpr)
		name, _ := call.Args[0].(*ast.BasicLit)
		if method == nil || name == nil || name.Kind != token.STRING || !accessor.MatchString(method.Sel.Name) {
			return true
		}
		field, _ := strconv.Unquote(name.Value)
		field, _, _ = strings.Cut(field, ":") // "password:hash" is a way to read password
		named++
		if !known[field] && !notFields[field] {
			t.Errorf("%s(%q) names no field", method.Sel.Name, field)
		}
		return true
	}
	for _, name := range must(filepath.Glob("*.go")) {
		if !strings.HasSuffix(name, "_test.go") {
			ast.Inspect(must(parser.ParseFile(token.NewFileSet(), name, nil, 0)), look)
		}
	}
	if named < 100 {
		t.Errorf("only %d names were found", named)
	}
}
