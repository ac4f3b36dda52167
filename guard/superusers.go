package guard

import (
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/refusal"
)

// A superuser runs the server and reads nobody's mail. What members wrote, agreed and decided is changed only by themselves,
// by the moderators' routes and by the commands, so that every change follows its rules and is recorded; these are the
// rows that the dashboard may change.
var (
	superuserUpdate = []string{collections.Users, collections.HelpRequests, collections.Settings, collections.Standings}
	superuserDelete = []string{collections.HelpRequests}
)

// keysToAccounts are PocketBase's own records that allow signing in as another member.
var keysToAccounts = []string{core.CollectionNameExternalAuths, core.CollectionNameOTPs, core.CollectionNameMFAs}

func (w *wall) superuserCreates(e *core.RecordRequestEvent) error {
	return w.superuserWrites(e, nil, nil)
}

func (w *wall) superuserUpdates(e *core.RecordRequestEvent) error {
	return w.superuserWrites(e, superuserUpdate, w.judgeAccount)
}

func (w *wall) superuserDeletes(e *core.RecordRequestEvent) error {
	return w.superuserWrites(e, superuserDelete, nil)
}

func (w *wall) superuserWrites(e *core.RecordRequestEvent, allowed []string, judge func(*core.Record) error) error {
	if !e.HasSuperuserAuth() {
		return e.Next()
	}
	if err := w.judgeSuperuser(e.Collection, allowed); err != nil {
		return err
	}
	if judge != nil {
		if err := judge(e.Record); err != nil {
			return err
		}
	}
	return e.Next()
}

func (w *wall) judgeSuperuser(c *core.Collection, allowed []string) error {
	switch {
	case slices.Contains(allowed, c.Name):
		return nil
	case c.Name == collections.Users || slices.Contains(keysToAccounts, c.Name):
		if w.unlock[Accounts] {
			return nil
		}
		return locked(Accounts, "Only members themselves can create and delete their accounts.")
	case isOurs(c):
		return forbidden("You can't change members' rows by hand. Use the commands or the moderators' routes.")
	}
	return nil
}

// judgeAccount lets only the member change their password, e-mail address and token key.
func (w *wall) judgeAccount(r *core.Record) error {
	if r.Collection().Name != collections.Users || w.unlock[Accounts] {
		return nil
	}
	before := r.Original()
	if r.Email() != before.Email() || r.TokenKey() != before.TokenKey() || setsPassword(r) {
		return locked(Accounts, "Only the member can set their password, e-mail address and token key.")
	}
	return nil
}

func setsPassword(r *core.Record) bool {
	password := func(r *core.Record) core.PasswordFieldValue {
		if value, ok := r.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue); ok && value != nil {
			return *value
		}
		return core.PasswordFieldValue{}
	}
	after, before := password(r), password(r.Original())
	return after.Plain != "" || after.Hash != before.Hash
}

// forbidden refuses with its own sentence, under the contract's code for steps that are not the caller's.
func forbidden(sentence string) error {
	return refusal.Forbidden(refusal.NotAllowed, sentence)
}
