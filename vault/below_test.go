package vault

import "testing"

func TestShreddingAScopeShredsWhatLiesBelowItAndNothingBeside(t *testing.T) {
	v, o := begin(t)
	october := november.AddDate(0, -1, 0)
	type value struct{ scope, sealed string }
	gone := []value{}
	for _, scope := range []string{"messages:c1", "messages:c1/ana", "messages:c1/ana/2026-11-21"} {
		gone = append(gone, value{scope, seal(t, v, scope, november, "gone")})
	}
	var kept []value
	for _, scope := range []string{"messages:c10", "messages:c1.", "messages:c", "messages:c2/ana"} {
		kept = append(kept, value{scope, seal(t, v, scope, november, "kept")})
	}
	kept = append(kept, value{"messages:c1/ana", seal(t, v, "messages:c1/ana", october, "kept")})
	must(t, v.Shred("messages:c1", "2026-11"))
	for _, v := range []*Vault{v, open(t, o)} {
		for _, value := range gone {
			mustNotOpen(t, v, value.scope, binding, value.sealed)
		}
		for _, value := range kept {
			mustOpen(t, v, value.scope, value.sealed, "kept")
		}
	}
}
