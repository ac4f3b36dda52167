package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"carecollective/collections"
	"carecollective/internal/limits"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// Guessing a password is limited per account, and yet nobody can lock another member out with that. The method is
// device cookies (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"): a browser that an account has signed
// in from before carries a random cookie, and has its own budget of failures that nobody else can use up. All others
// share budgets that each belong to one address, so that an attack from elsewhere leaves the owner's alone, and an
// attack from many addresses only makes them smaller. A sign-in that succeeds gives its budget back.

const (
	deviceCookie = "carecollective_device"
	deviceYears  = 1
	devicePrefix = "device:" // of a fingerprint that is ours
	mostDevices  = 20        // remembered per account
)

var deviceID = regexp.MustCompile(`^[A-Za-z0-9]{32}$`)

// limitSignIn counts before the password is checked, so that parallel guesses do not all pass, and counts the same
// whether or not there is such an account.
func limitSignIn(e *core.RecordAuthWithPasswordRequestEvent) error {
	known, err := fromKnownDevice(e.RequestEvent, e.Record)
	if err != nil {
		return err
	}
	a := attempt{collection: e.Collection.Name, account: sameEmail(e.Identity), address: address(e.RequestEvent)}
	if known {
		a.device = deviceOf(e.RequestEvent)
	}
	if err := e.App.RunInTransaction(a.count); err != nil {
		return err
	}
	if e.Record != nil && unconfirmed(e.App, e.Record) {
		e.Record = nil // answers like a wrong password, and takes as long
	}
	if err := e.Next(); err != nil {
		return err
	}
	return a.forget(e.App)
}

// attempt is one attempt to sign in.
type attempt struct {
	collection, account, address string
	device                       string // empty when the account does not know it
}

// count consumes from every budget of the attempt, or refuses.
func (a attempt) count(txApp core.App) error {
	if a.device != "" {
		return take(txApp, a.onDevice(), failuresPerDevice)
	}
	settings, err := readcache.Settings(txApp)
	if err != nil {
		return err
	}
	if err := take(txApp, key("signIns.address", a.address), settings.Int("sign_ins_per_address")); err != nil {
		return err
	}
	if err := take(txApp, a.fromAddress(), failuresPerAddress); err != nil {
		return err
	}
	err = take(txApp, key("signIns.account", a.collection, a.account), signInsPerAccount)
	if refusal.IsTooFast(err) {
		return take(txApp, a.underAttack(), failuresUnderAttack)
	}
	return err
}

// forget restores the budgets of failures, since the sign-in succeeded.
func (a attempt) forget(app core.App) error {
	return limits.Forget(app, a.onDevice(), a.fromAddress(), a.underAttack())
}

func (a attempt) onDevice() string { return key("failures.device", a.collection, a.account, a.device) }

func (a attempt) fromAddress() string {
	return key("failures.address", a.collection, a.account, a.address)
}

func (a attempt) underAttack() string {
	return key("failures.attack", a.collection, a.account, a.address)
}

// deviceOf is the id in the device's cookie, or empty.
func deviceOf(e *core.RequestEvent) string {
	cookie, err := e.Request.Cookie(deviceCookie)
	if err != nil || !deviceID.MatchString(cookie.Value) {
		return ""
	}
	return cookie.Value
}

// fingerprint is the stored form of a device's id: a reader of the database cannot use it to sign in.
func fingerprint(device string) string {
	sum := sha256.Sum256([]byte(device))
	return devicePrefix + hex.EncodeToString(sum[:])
}

func fromKnownDevice(e *core.RequestEvent, account *core.Record) (bool, error) {
	device := deviceOf(e)
	if device == "" || account == nil {
		return false, nil
	}
	return knows(e.App, account, device)
}

func knows(app core.App, account *core.Record, device string) (bool, error) {
	devices, err := devicesOf(app, account)
	return among(devices, device), err
}

func among(devices []*core.AuthOrigin, device string) bool {
	return slices.ContainsFunc(devices, func(d *core.AuthOrigin) bool { return d.Fingerprint() == fingerprint(device) })
}

// devicesOf lists the known devices of the account, newest first. PocketBase keeps its auth origins
// as long as the password stays, and has some of its own.
func devicesOf(app core.App, account *core.Record) ([]*core.AuthOrigin, error) {
	origins, err := app.FindAllAuthOriginsByRecord(account)
	if err != nil {
		return nil, fmt.Errorf("find devices: %w", err)
	}
	return slices.DeleteFunc(origins, func(o *core.AuthOrigin) bool { return !strings.HasPrefix(o.Fingerprint(), devicePrefix) }), nil
}

// rememberDevice sets a cookie for the device with PocketBase's answer. The device is stored after that; otherwise PocketBase would
// treat the very first sign-in as one from a new place.
func rememberDevice(e *core.RecordAuthRequestEvent) error {
	if e.AuthMethod == "" { // a token that is renewed
		return e.Next()
	}
	device := deviceOf(e.RequestEvent)
	if device == "" {
		device = security.RandomString(32)
	}
	e.SetCookie(&http.Cookie{ //nolint:gosec // Secure follows the connection: a collective may serve its own network without TLS
		Name: deviceCookie, Value: device, Path: "/api/collections/", MaxAge: deviceYears * 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: e.IsTLS(),
	})
	if err := e.Next(); err != nil {
		return err
	}
	return remember(e.App, e.Record, device)
}

func remember(app core.App, account *core.Record, device string) error {
	devices, err := devicesOf(app, account)
	if err != nil || among(devices, device) {
		return err
	}
	for _, old := range devices[min(len(devices), mostDevices-1):] {
		if err := app.Delete(old); err != nil {
			return fmt.Errorf("delete a device: %w", err)
		}
	}
	origin := core.NewAuthOrigin(app)
	origin.SetCollectionRef(account.Collection().Id)
	origin.SetRecordRef(account.Id)
	origin.SetFingerprint(fingerprint(device))
	if err := app.Save(origin); err != nil {
		return fmt.Errorf("remember a device: %w", err)
	}
	return nil
}

// unconfirmed reports whether the account has to confirm its address before it is used.
func unconfirmed(app core.App, account *core.Record) bool {
	return account.Collection().Name == collections.Users && mailsAreSent(app) && !account.Verified() &&
		!collections.AsMember(account).ExemptFromVerification()
}

// refuseUnconfirmed covers every other way to sign in; password sign-ins are refused earlier.
func refuseUnconfirmed(e *core.RecordAuthRequestEvent) error {
	if unconfirmed(e.App, e.Record) {
		return refusal.Policy(refusal.Unverified)
	}
	return e.Next()
}

// openToUnconfirmed are the routes that a member with an old token needs to confirm the address.
var openToUnconfirmed = map[string]bool{
	"POST /api/collections/{collection}/auth-with-password":     true,
	"POST /api/collections/{collection}/request-verification":   true,
	"POST /api/collections/{collection}/confirm-verification":   true,
	"POST /api/collections/{collection}/request-password-reset": true,
	"POST /api/collections/{collection}/confirm-password-reset": true,
}

// requireConfirmed refuses a token once its account has to confirm its address again.
func requireConfirmed(e *core.RequestEvent) error {
	if e.Auth != nil && unconfirmed(e.App, e.Auth) && !openToUnconfirmed[e.Request.Pattern] {
		return refusal.Policy(refusal.Unverified)
	}
	return e.Next()
}
