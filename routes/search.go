package routes

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/refusal"
	"carecollective/search"
	"carecollective/search/match"
)

// longestQuery is how many characters a query may have.
const longestQuery = 200

// searchMessages answers GET /messages/search.
func searchMessages(e *core.RequestEvent) error {
	wanted, err := searchOf(e)
	if err != nil {
		return err
	}
	if wanted.Conversation != "" {
		seen, err := messaging.TakesPart(e.App, wanted.Conversation, e.Auth.Id)
		if err != nil {
			return err
		}
		if !seen {
			return refusal.NotFound()
		}
	}
	found := &search.Found{}
	if caller(e).Reads { // otherwise the member may see no text
		if found, err = search.FindWords(e.Request.Context(), e.App, e.Auth.Id, wanted); err != nil {
			return err
		}
	}
	messages, marks, err := showFound(e, found.IDs, wanted.Query)
	if err != nil {
		return err
	}
	cursor := ""
	if found.More {
		cursor = spotCursor(found.Last)
	}
	return e.JSON(http.StatusOK, map[string]any{
		"messages": messages, "marks": marks,
		"pagination": map[string]any{"cursor": cursor, "limit": wanted.Limit, "has_more": found.More},
	})
}

func searchOf(e *core.RequestEvent) (s search.Search, err error) {
	query := e.Request.URL.Query()
	q, ok := match.Parse(query.Get("q"))
	if !ok || utf8.RuneCountInString(query.Get("q")) > longestQuery {
		return s, refusal.Field("q", refusal.InvalidValue, "`q` must hold the words to search for, in up to 200 characters.")
	}
	s = search.Search{Query: q, Conversation: query.Get("conversation"), Sender: query.Get("sender")}
	if s.Limit, err = number(e, "limit", 20, 1, 100); err != nil {
		return s, err
	}
	if s.From, err = moment(e, "from"); err != nil {
		return s, err
	}
	if s.To, err = moment(e, "to"); err != nil {
		return s, err
	}
	s.After, err = readSpot(query.Get("cursor"))
	return s, err
}

// moment reads a time from the query, as PocketBase stores times; "" if it is missing.
func moment(e *core.RequestEvent, name string) (string, error) {
	given := e.Request.URL.Query().Get(name)
	if given == "" {
		return "", nil
	}
	at, err := types.ParseDateTime(given)
	if err != nil || at.IsZero() {
		return "", refusal.Field(name, refusal.InvalidValue, "`"+name+"` must be a time such as 2026-01-31 12:00:00.000Z.")
	}
	return at.String(), nil
}

// spotCursor returns the cursor of a search that continues after a spot.
func spotCursor(s search.Spot) string {
	return base64.RawURLEncoding.EncodeToString([]byte(s.At + "|" + s.Column + "|" + strconv.Itoa(s.Seq)))
}

// readSpot parses a cursor of [spotCursor].
func readSpot(cursor string) (s search.Spot, err error) {
	if cursor == "" {
		return s, nil
	}
	wrong := refusal.Field("cursor", refusal.InvalidValue, "`cursor` must be the one in the last answer.")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(raw), "|")
	if err != nil || len(parts) != 3 {
		return s, wrong
	}
	at, err := types.ParseDateTime(parts[0])
	if err != nil || at.IsZero() || at.String() != parts[0] {
		return s, wrong
	}
	s = search.Spot{At: parts[0], Column: parts[1]}
	if s.Seq, err = strconv.Atoi(parts[2]); err != nil || s.Seq < 0 || spotCursor(s) != cursor {
		return s, wrong
	}
	return s, nil
}

// showFound shows the messages as every other answer would, with the positions of the words. Messages that the caller
// can no longer read are left out.
func showFound(e *core.RequestEvent, ids []string, query match.Query) ([]map[string]any, map[string][]match.Mark, error) {
	found, err := search.FindMessages(e.App, ids)
	if err != nil {
		return nil, nil, err
	}
	entries := map[string]*messaging.Entry{}
	shown, marks := []map[string]any{}, map[string][]match.Mark{}
	for _, m := range found {
		entry, known := entries[m.Conversation()]
		if !known {
			if entry, err = messaging.FindEntry(e.App, e.Auth.Id, m.Conversation()); err != nil {
				return nil, nil, err
			}
			entries[m.Conversation()] = entry
		}
		if entry == nil {
			continue
		}
		page, err := showMessages(e, entry, []*collections.Message{m})
		if err != nil {
			return nil, nil, err
		}
		if places := query.Marks(m.Text()); len(places) > 0 {
			shown, marks[m.Id] = append(shown, page...), places
		}
	}
	return shown, marks, nil
}
