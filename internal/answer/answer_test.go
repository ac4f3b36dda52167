package answer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/internal/answer"
	"carecollective/refusal"
)

func TestARefusalBecomesAnAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a policy": {
			refusal.Policy(refusal.ModeratorsOnly),
			`{"data":{"policy":{"code":"moderators_only","message":"Only moderators can do this."}},"message":"Only moderators can do this.","status":403}`,
		},
		"a policy with a sentence of its own": {
			refusal.Forbidden(refusal.NotAllowed, "ask the operator"),
			`{"data":{"policy":{"code":"not_allowed","message":"Ask the operator."}},"message":"Ask the operator.","status":403}`,
		},
		"a limit": {
			refusal.TooFast(refusal.DailyLimit, refusal.Quota{}),
			`{"data":{"policy":{"code":"daily_limit","message":"You have reached today's limit. Try again later."}},"message":"You have reached today's limit. Try again later.","status":429}`,
		},
		"a field": {
			refusal.Field("title", refusal.Blank, "Write a title."),
			`{"data":{"title":{"code":"blank","message":"Write a title."}},"message":"Write a title.","status":400}`,
		},
		"not found":      {refusal.NotFound(), `{"data":{},"message":"The requested resource wasn't found.","status":404}`},
		"a closed place": {refusal.Closed("Sign in first."), `{"data":{},"message":"Sign in first.","status":403}`},
		"a conflict":     {refusal.Conflict("Decided."), `{"data":{},"message":"Decided.","status":409}`},
		"wrapped": {
			fmt.Errorf("load it: %w", refusal.NotFound()),
			`{"data":{},"message":"The requested resource wasn't found.","status":404}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := answer.From(c.err)
			raw, marshalErr := json.Marshal(err)
			if marshalErr != nil {
				t.Fatal(marshalErr)
			}
			if string(raw) != c.want {
				t.Errorf("got  %s\nwant %s", raw, c.want)
			}
			if !refusal.Is(err) || refusal.IsNotFound(err) != refusal.IsNotFound(c.err) {
				t.Error("the kind of the refusal is lost")
			}
		})
	}
}

func TestOtherErrorsStay(t *testing.T) {
	failure := errors.New("disk")
	api := router.NewBadRequestError("No.", refusal.NotFound())
	for _, err := range []error{nil, failure, api, validation.Errors{"a": failure}} {
		if got := answer.From(err); fmt.Sprint(got) != fmt.Sprint(err) {
			t.Errorf("%v became %v", err, got)
		}
	}
}

// PocketBase adds its own sentence to what its validation finds, so several fields are answered as it does.
func TestSeveralFieldsBecomePocketBasesOwnErrors(t *testing.T) {
	err := answer.From(refusal.Fields{
		"name": refusal.Field("name", refusal.NameTaken, "Choose another name."),
		"bio":  refusal.Field("bio", refusal.TooLong, "Write less."),
	})
	raw, marshalErr := json.Marshal(router.NewBadRequestError("Failed.", err))
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	want := `{"data":{"bio":{"code":"too_long","message":"Write less."},"name":{"code":"name_taken","message":"Choose another name."}},"message":"Failed.","status":400}`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

func TestTheHeadersOfALimit(t *testing.T) {
	quota := refusal.Quota{Limit: 5, Remaining: -1, Reset: 90*time.Second + 1, Retry: time.Millisecond}
	refused := refusal.TooFast(refusal.RateLimited, quota)
	for name, err := range map[string]error{"domain": refused, "wrapped": fmt.Errorf("x: %w", refused), "answer": answer.From(refused)} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{}
			answer.Headers(header, err)
			for key, want := range map[string]string{
				"Retry-After": "1", "RateLimit-Limit": "5", "RateLimit-Remaining": "0", "RateLimit-Reset": "91",
			} {
				if got := header.Get(key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
	header := http.Header{}
	for _, err := range []error{nil, errors.New("disk"), refusal.NotFound(), answer.From(refusal.Policy(refusal.NotAllowed))} {
		if answer.Headers(header, err); len(header) > 0 {
			t.Errorf("%v wrote %v", err, header)
		}
	}
}
