package accounts

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/dbx"
	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/mails"
	"github.com/pocketbase/pocketbase/tools/router"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// takeRegistration is a create on users. Guests register; members have an account; what superusers may do is the door's matter.
func (l letters) takeRegistration(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	if e.Auth != nil {
		return refusal.Policy(refusal.NotAllowed)
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	if err := checkShape(e.RequestEvent); err != nil {
		return err
	}
	restoreUnwritable(e.Record, writableOnCreate)
	r := registration{e, l, stringOf(info.Body["invitation"])}
	if err := r.makeAvatar(); err != nil {
		return err
	}
	if mailsAreSent(e.App) && info.Context != core.RequestInfoContextOAuth2 {
		return r.quietly()
	}
	return r.admit()
}

// mailsAreSent reports whether a mail server is set. Without one nobody can confirm an address.
func mailsAreSent(app core.App) bool { return app.Settings().SMTP.Enabled }

// registration is a guest's request for an account.
type registration struct {
	*core.RecordRequestEvent
	letters letters
	code    string
}

// makeAvatar converts the uploaded picture before the transaction, which would block all writers: only if the guest may
// register at all, and counted for their address.
func (r registration) makeAvatar() error {
	member := collections.AsMember(r.Record)
	if !attachments.BringsAvatar(member) {
		return nil
	}
	settings, err := readcache.Settings(r.App)
	if err != nil {
		return err
	}
	if settings.InviteOnly() {
		if err := checkInvitation(r.App, r.code); err != nil {
			return err
		}
	}
	return attachments.MakeAvatar(r.Request.Context(), r.App, member, key("registrations", address(r.RequestEvent)))
}

// quietly gives the same answer for a free and for a taken address, with the same work: only the owner of the address learns,
// by mail, which of the two it was.
func (r registration) quietly() error {
	outer := r.Response
	r.Response = silence{http.Header{}} // the record in PocketBase's answer would reveal it
	err := r.admit()
	r.Response = outer
	switch {
	case err == nil:
		err = r.askToConfirm()
	case addressTaken(err):
		err = r.tellOwner()
	}
	if err != nil {
		return err
	}
	return r.NoContent(http.StatusNoContent)
}

// askToConfirm sends the mail that confirms the address, in the language of the registration, else one that the browser accepts.
func (r registration) askToConfirm() error {
	lang, err := r.letters.languageOf(r.App, r.Record, r.accepted())
	if err != nil {
		return err
	}
	addressed := r.Record.Clone() // it is not saved
	collections.AsMember(addressed).SetLanguage(lang)
	return mails.SendRecordVerification(r.App, addressed)
}

// accepted is the Accept-Language header of the request.
func (r registration) accepted() string { return r.Request.Header.Get("Accept-Language") }

// tellOwner notifies the owner of an address that someone tried to register with it.
func (r registration) tellOwner() error {
	if err := r.count(r.App); err != nil && !refusal.IsTooFast(err) { // what admit had counted was rolled back with the account
		return err
	}
	owner, err := r.App.FindAuthRecordByEmail(r.Collection, r.Record.Email())
	if err != nil {
		return fmt.Errorf("find owner of an address: %w", err)
	}
	err = take(r.App, key("mails.recipient", sameEmail(owner.Email())), mailsPerRecipient)
	if refusal.IsTooFast(err) {
		return nil // told often enough
	}
	if err != nil {
		return err
	}
	asked := collections.AsMember(r.Record).Language()
	return r.letters.send(r.App, owner, owner.Email(), letterAccountExists, nil, asked, r.accepted())
}

// admit creates the account, uses the invitation and counts the registration together, or not at all: a registration that is
// refused for a mistake in the body costs nothing.
func (r registration) admit() error {
	outer := r.App
	defer func() { r.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		r.App = txApp
		return r.admitIn(txApp)
	})
}

func (r registration) admitIn(txApp core.App) error {
	if err := r.count(txApp); err != nil {
		return err
	}
	if err := checkID(txApp, r.Record); err != nil {
		return err
	}
	settings, err := readcache.Settings(txApp)
	if err != nil {
		return err
	}
	if !settings.InviteOnly() {
		return r.Next()
	}
	if err := checkInvitation(txApp, r.code); err != nil {
		return err
	}
	if err := r.Next(); err != nil {
		return err
	}
	return claimInvitation(txApp, r.code, r.Record.Id)
}

// count consumes one of an address's registrations per hour.
func (r registration) count(app core.App) error {
	settings, err := readcache.Settings(app)
	if err != nil {
		return err
	}
	return take(app, key("registrations", address(r.RequestEvent)), settings.Int("registrations_per_address"))
}

// checkID refuses a taken id before the address is checked; otherwise the two errors could not be distinguished.
func checkID(app core.App, record *core.Record) error {
	if record.Id == "" {
		return nil
	}
	var taken bool
	err := app.DB().NewQuery("SELECT EXISTS (SELECT 1 FROM users WHERE id = {:id})").Bind(dbx.Params{"id": record.Id}).Row(&taken)
	if err != nil {
		return fmt.Errorf("find id: %w", err)
	}
	if taken {
		return refusal.Field("id", refusal.NotUnique, "Choose another id, or leave it out.")
	}
	return nil
}

// addressTaken recognizes the error of the unique index, which is checked after everything else was valid.
func addressTaken(err error) bool {
	var refused *router.ApiError
	var fields validation.Errors
	if !errors.As(err, &refused) {
		return false
	}
	if cause, ok := refused.RawData().(error); !ok || !errors.As(cause, &fields) {
		return false
	}
	var problem validation.Error
	return len(fields) == 1 && errors.As(fields[core.FieldNameEmail], &problem) && problem.Code() == "validation_not_unique"
}

// silence is a response writer that discards everything.
type silence struct{ header http.Header }

// Header implements [http.ResponseWriter].
func (s silence) Header() http.Header { return s.header }

// Write implements [http.ResponseWriter].
func (s silence) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements [http.ResponseWriter].
func (s silence) WriteHeader(int) {}
