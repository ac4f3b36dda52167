package accounts

import (
	"net/http"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/ozzo-validation/v4/is"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/refusal"
)

// PocketBase's hooks for these routes run after its answer reveals whether there is such an account, so this code runs in
// front of the routes. A pattern is the same however the path is spelled.
const (
	askReset           = "POST /api/collections/{collection}/request-password-reset"
	askVerification    = "POST /api/collections/{collection}/request-verification"
	askOTP             = "POST /api/collections/{collection}/request-otp"
	askEmailChange     = "POST /api/collections/{collection}/request-email-change"
	confirmEmailChange = "POST /api/collections/{collection}/confirm-email-change"
)

// mailRequests are the routes that send a mail to a given address, with their constant answers.
var mailRequests = map[string]func(*core.RequestEvent) error{
	askReset:        noContent,
	askVerification: noContent,
	askOTP: func(e *core.RequestEvent) error {
		return e.JSON(http.StatusOK, map[string]string{"otpId": core.GenerateDefaultRandomId()})
	},
}

func noContent(e *core.RequestEvent) error { return e.NoContent(http.StatusNoContent) }

// limitMailRequests prevents flooding of mailboxes. Above the limit, the answer is the same and no mail is sent.
func limitMailRequests(e *core.RequestEvent) error {
	answer, ok := mailRequests[e.Request.Pattern]
	if !ok {
		return e.Next()
	}
	var body struct {
		Email string `form:"email" json:"email"`
	}
	collection := authCollection(e)
	if collection == nil || e.BindBody(&body) != nil || validAddress(body.Email) != nil {
		return e.Next() // PocketBase says what is wrong
	}
	from, to := address(e), sameEmail(body.Email)
	err := takeAll(e.App, map[string]int{
		key("mails.pair", e.Request.Pattern, collection.Id, from, to): mailsPerPair,
		key("mails.address", from):                                    mailsPerAddress,
		key("mails.recipient", to):                                    mailsPerRecipient,
	})
	if refusal.IsTooFast(err) {
		return answer(e)
	}
	if err != nil {
		return err
	}
	return e.Next()
}

// authCollection returns the collection of the path, or nil if it is not an auth collection.
func authCollection(e *core.RequestEvent) *core.Collection {
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	if err != nil || !collection.IsAuth() {
		return nil
	}
	return collection
}

func validAddress(email string) error {
	return validation.Validate(email, validation.Required, validation.Length(1, 255), is.EmailFormat)
}

// requestEmailChange notifies the old address, and gives the same answer for a free and for a taken new one: its owner learns
// it by mail.
func (l letters) requestEmailChange(e *core.RequestEvent) error {
	collection := authCollection(e)
	if e.Request.Pattern != askEmailChange || collection == nil || e.Auth == nil ||
		e.Auth.Collection().Id != collection.Id || e.Auth.IsSuperuser() {
		return e.Next()
	}
	var body struct {
		NewEmail string `form:"newEmail" json:"newEmail"`
	}
	if e.BindBody(&body) != nil || validAddress(body.NewEmail) != nil || body.NewEmail == e.Auth.Email() {
		return e.Next() // PocketBase says what is wrong
	}
	if err := take(e.App, key("emailChange", collection.Id, e.Auth.Id), emailChangesPerAccount); err != nil {
		return err
	}
	if err := l.send(e.App, e.Auth, e.Auth.Email(), letterAddressAsked, nil); err != nil {
		return err
	}
	owner, err := e.App.FindAuthRecordByEmail(collection, body.NewEmail)
	if err != nil || owner.Id == e.Auth.Id {
		return e.Next()
	}
	if err := l.send(e.App, owner, owner.Email(), letterAddressWanted, nil); err != nil {
		return err
	}
	return noContent(e)
}

// limitConfirmations prevents a holder of a confirmation link from guessing the password that it needs.
func limitConfirmations(e *core.RequestEvent) error {
	if e.Request.Pattern != confirmEmailChange {
		return e.Next()
	}
	var body struct {
		Token string `form:"token" json:"token"`
	}
	if e.BindBody(&body) != nil || body.Token == "" {
		return e.Next() // PocketBase says what is wrong
	}
	if err := take(e.App, key("confirmEmailChange", body.Token), passwordsPerToken); err != nil {
		return err
	}
	return e.Next()
}

// tellOldAddress notifies the old address of a member that the address has changed.
func (l letters) tellOldAddress(e *core.RecordConfirmEmailChangeRequestEvent) error {
	old := e.Record.Email()
	if err := e.Next(); err != nil {
		return err
	}
	return l.send(e.App, e.Record, old, letterAddressChanged, nil)
}
