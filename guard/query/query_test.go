package query_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/ganigeorgiev/fexpr"

	"carecollective/guard/query"
)

var messages = query.List{
	Fields:  []string{"id", "conversation", "seq", "sender", "created_at"},
	Expands: []string{"conversation", "sender"},
}

func TestQueryIsAllowed(t *testing.T) {
	for name, values := range map[string]url.Values{
		"nothing asked":               {},
		"an empty filter":             {"filter": {""}},
		"own fields":                  {"filter": {`conversation = "abc" && (seq > 3 || sender != 'x')`}},
		"a moment":                    {"filter": {`created_at >= @todayStart && created_at < @now`}},
		"true, false and null":        {"filter": {`seq = null || seq = TRUE || seq != false`}},
		"any-of operators":            {"filter": {`sender ?= "x"`}},
		"a comment":                   {"filter": {"seq > 1 // newer\n"}},
		"text that looks like a name": {"filter": {`sender = "@collection.users.email"`}},
		"sort both ways":              {"sort": {"-seq, +created_at,id"}},
		"expands on the list":         {"expand": {"sender, conversation"}},
		"an empty part of expand":     {"expand": {"sender,"}},
		"fields of any kind":          {"fields": {"*,expand.sender.name,content:excerpt(20,true)"}},
		"a page":                      {"page": {"3"}, "perPage": {"500"}, "skipTotal": {"1"}},
		"parameters of others":        {"token": {"x", "y"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := messages.Check(values); err != nil {
				t.Errorf("refused: %v", err)
			}
		})
	}
}

func TestQueryIsRefused(t *testing.T) {
	for name, values := range map[string]url.Values{
		"a field off the list":              {"filter": {`status = "read"`}},
		"a field off the list on the right": {"filter": {`"read" = status`}},
		"a field off the list in a group":   {"filter": {`seq = 1 || (seq = 2 && (read_at = ""))`}},
		"a name in other case":              {"filter": {`Sender = "x"`}},
		"a chain":                           {"filter": {`sender.email ~ "a"`}},
		"a back-relation":                   {"filter": {`message_reports_via_message.id != ""`}},
		"another collection":                {"filter": {`@collection.users.email ~ "a"`}},
		"the request":                       {"filter": {`@request.auth.id = sender`}},
		"a modifier":                        {"filter": {`sender:lower = "x"`}},
		"a length":                          {"filter": {`sender:length > 1`}},
		"a function":                        {"filter": {`strftime("%Y", created_at) = "2026"`}},
		"a distance":                        {"filter": {`geoDistance(1,2,3,4) < 5`}},
		"an invalid time":                   {"filter": {`seq = @rowid`}},
		"a moment in other case":            {"filter": {`seq = @NOW`}},
		"something unreadable":              {"filter": {`seq = `}},
		"text that does not end":            {"filter": {`sender = "x`}},
		"blanks only":                       {"filter": {`   `}},
		"a filter too long":                 {"filter": {`sender = "` + strings.Repeat("x", query.MaxFilterBytes) + `"`}},
		"too many terms":                    {"filter": {strings.Repeat("seq=1||", query.MaxTerms) + "seq=1"}},
		"a NUL byte that hides the rest":    {"filter": {"seq = 1\x00 || status = 1"}},
		"bytes that are no UTF-8":           {"filter": {"sender = \"\xff\""}},
		"a filter given twice":              {"filter": {`seq = 1`, `status = 1`}},
		"an empty filter before another":    {"filter": {``, `status = 1`}},
		"sort by a field off the list":      {"sort": {"-read_at"}},
		"sort by a chain":                   {"sort": {"sender.email"}},
		"sort by nothing":                   {"sort": {"seq,"}},
		"sort at random":                    {"sort": {"@random"}},
		"sort by row":                       {"sort": {"-@rowid"}},
		"sort by a sign":                    {"sort": {"-+seq"}},
		"too many sorts":                    {"sort": {strings.Repeat("seq,", query.MaxSortFields) + "seq"}},
		"sort given twice":                  {"sort": {"seq", "seq"}},
		"an expand off the list":            {"expand": {"recipient"}},
		"an expand of an expand":            {"expand": {"conversation.created_by"}},
		"an expand that is trimmed":         {"expand": {".sender"}},
		"a back-relation in expand":         {"expand": {"messages_via_sender"}},
		"the old form of it":                {"expand": {"messages(sender)"}},
		"an absurd list of fields":          {"fields": {strings.Repeat("x,", query.MaxFieldsBytes)}},
		"a page that is no number":          {"page": {"one"}},
		"a page beyond all":                 {"page": {"9223372036854775807"}},
		"a page size below zero":            {"perPage": {"-1"}},
		"a page size beyond any number":     {"perPage": {"99999999999999999999"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := messages.Check(values)
			var refusal *query.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("not refused: %v", err)
			}
			if _, asked := values[refusal.Param]; !asked || refusal.Sentence == "" {
				t.Errorf("refusal names %q: %q", refusal.Param, refusal.Sentence)
			}
		})
	}
}

func TestOpenListTakesPlainNamesOnly(t *testing.T) {
	open := query.List{Open: true}
	for filter, allowed := range map[string]bool{
		`title ~ "x" && done = false`:  true,
		`owner.email ~ "x"`:            false,
		`@collection.messages.id != 1`: false,
		`title:lower = "x"`:            false,
	} {
		if err := open.CheckOne("filter", filter); (err == nil) != allowed {
			t.Errorf("%s: %v", filter, err)
		}
	}
	if open.CheckOne("expand", "owner") != nil || open.CheckOne("expand", "owner.friends") == nil {
		t.Error("expand takes plain names only")
	}
}

func TestNoneTakesNothing(t *testing.T) {
	for _, param := range []string{"filter", "sort", "expand"} {
		if query.None(url.Values{param: {"id"}}) == nil {
			t.Errorf("%s was taken", param)
		}
	}
	if err := query.None(url.Values{"page": {"2"}, "fields": {"id"}, "limit": {"5"}}); err != nil {
		t.Errorf("a page was refused: %v", err)
	}
}

// FuzzFilter proves that whatever passes names nothing but what is on the list, seen through the tokens that
// PocketBase's own parser makes of it.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`seq > 1`, `(seq=1&&(sender="x"))`, `sender.email="x"`, `@now>created_at`, "seq=1 // c\n||status=1", "seq=1\x00",
		`geoDistance(seq,1,2,3)<4`, `'a'='b'`, `((((seq=1))))`, `seq:length>1`, `_=1`, `#x=1`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		if messages.CheckOne("filter", filter) != nil {
			return
		}
		scanner := fexpr.NewScanner([]byte(strings.NewReplacer("(", " ", ")", " ").Replace(filter)))
		for {
			token, err := scanner.Scan()
			if err != nil || token.Type == fexpr.TokenEOF {
				return
			}
			if token.Type == fexpr.TokenIdentifier && strings.ContainsAny(token.Literal, ".:#") {
				t.Fatalf("%q passed with %q", filter, token.Literal)
			}
		}
	})
}
