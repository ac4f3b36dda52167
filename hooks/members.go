package hooks

import (
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/moderation"
	"carecollective/outbox"
	"carecollective/refusal"
)

func registerMembers(app core.App) {
	app.OnRecordCreateRequest(collections.Users).Bind(bind.Handler("users.create.phone", sealPhone))
	app.OnRecordUpdateRequest(collections.Users).Bind(bind.Handler("users.update.standing", requireShownProfile))
	app.OnRecordUpdateRequest(collections.Users).Bind(bind.Handler("users.update.phone", sealPhone))
	app.OnRecordCreateRequest(collections.Users).Bind(bind.Handler("users.create.avatar", prepareAvatar))
	app.OnRecordUpdateRequest(collections.Users).Bind(bind.Handler("users.update.avatar", prepareAvatar))
	app.OnRecordUpdateExecute(collections.Users).Bind(bind.Handler("users.update.channels", updateReach))
}

// sealPhone seals a phone number that its owner sets; an empty one removes it.
func sealPhone(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	given, ok := info.Body["phone"]
	if !ok || given == nil {
		return e.Next()
	}
	number, ok := given.(string)
	if !ok || !plausiblePhone(number) {
		return refusal.Field("phone", refusal.InvalidFormat, "Enter the phone number in digits. Spaces and a plus sign are allowed.")
	}
	if e.Record.Id == "" {
		e.Record.Id = core.GenerateDefaultRandomId()
	}
	if err := collections.AsMember(e.Record).SealPhone(e.App, strings.TrimSpace(number)); err != nil {
		return err
	}
	return e.Next()
}

// plausiblePhone accepts any notation of a number with 3 to 20 digits: collectives know their own country's.
func plausiblePhone(number string) bool {
	number = strings.TrimSpace(number)
	digits := 0
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-/(). ", r):
			return false
		}
	}
	return number == "" || (digits >= 3 && digits <= 20 && len(number) <= 40)
}

// requireShownProfile refuses a suspended member's changes of what others see; they can still change their password.
func requireShownProfile(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	original := e.Record.Original()
	for _, name := range []string{"name", "bio", "location", "avatar"} {
		if e.Record.GetString(name) != original.GetString(name) {
			if err := moderation.RequireShowing(e.App, e.Auth.Id); err != nil {
				return err
			}
		}
	}
	return e.Next()
}

// updateReach tries mails again if a member has a new address, and re-checks entries held in quiet hours if the time zone
// has changed.
func updateReach(e *core.RecordEvent) error {
	before, m := collections.AsMember(e.Record.Original()), collections.AsMember(e.Record)
	if err := e.Next(); err != nil {
		return err
	}
	if before.Email() != m.Email() {
		if err := outbox.TrustAddress(e.App, m.Id); err != nil {
			return err
		}
	}
	if before.TimeZone() != m.TimeZone() {
		return outbox.ReconsiderHeld(e.App, m.Id, time.Now())
	}
	return nil
}

// prepareAvatar sanitizes every picture before it becomes an avatar.
func prepareAvatar(e *core.RecordRequestEvent) error {
	member := collections.AsMember(e.Record)
	if !attachments.BringsAvatar(member) {
		return e.Next()
	}
	if e.Auth != nil && !e.HasSuperuserAuth() {
		if err := moderation.RequireShowing(e.App, e.Auth.Id); err != nil {
			return err
		}
	}
	if err := attachments.TakeAvatar(e.Request.Context(), e.App, member); err != nil {
		return err
	}
	return e.Next()
}
