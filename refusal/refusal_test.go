package refusal_test

import (
	"errors"
	"fmt"
	"testing"

	"carecollective/refusal"
)

func TestKindsAreToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		err                        error
		refused, notFound, tooFast bool
	}{
		"nothing":           {nil, false, false, false},
		"a failure":         {errors.New("disk"), false, false, false},
		"a policy":          {refusal.Policy(refusal.NotAllowed), true, false, false},
		"a field":           {refusal.Field("a", refusal.Blank, "b"), true, false, false},
		"several fields":    {refusal.Fields{"a": refusal.Field("a", refusal.Blank, "b")}, true, false, false},
		"not found":         {refusal.NotFound(), true, true, false},
		"wrapped":           {fmt.Errorf("find it: %w", refusal.NotFound()), true, true, false},
		"a limit":           {refusal.TooFast(refusal.RateLimited, refusal.Quota{}), true, false, true},
		"a closed place":    {refusal.Closed("Closed."), true, false, false},
		"somebody else won": {refusal.Conflict("Decided."), true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := [3]bool{refusal.Is(c.err), refusal.IsNotFound(c.err), refusal.IsTooFast(c.err)}
			if want := [3]bool{c.refused, c.notFound, c.tooFast}; got != want {
				t.Errorf("refused, not found, too fast: got %v, want %v", got, want)
			}
		})
	}
}

func TestACodeBecomesAnError(t *testing.T) {
	if err := refusal.FromCode(""); err != nil {
		t.Errorf("no code gives %v", err)
	}
	if err := refusal.FromCode(refusal.CodeNotFound); !refusal.IsNotFound(err) {
		t.Errorf("not found gives %v", err)
	}
	var refused *refusal.Error
	if err := refusal.FromCode(refusal.BlockedByYou); !errors.As(err, &refused) || refused.Code != refusal.BlockedByYou {
		t.Errorf("a policy gives %v", err)
	}
}
