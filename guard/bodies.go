package guard

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
	"github.com/pocketbase/pocketbase/tools/types"

	"carecollective/attachments/images"
	"carecollective/collections"
	"carecollective/refusal"
)

// checkBody refuses bodies that no handler could store as sent: JSON that is invalid, continues after its end or is not an
// object, and text that is not valid Unicode or contains NUL. Go's decoder would insert replacement characters.
func checkBody(e *core.RequestEvent) error {
	if !strings.HasPrefix(e.Request.URL.Path, "/api/") || route(e.Request) == "/api/batch" {
		return e.Next()
	}
	kind := e.Request.Header.Get("Content-Type")
	switch {
	case e.Request.ContentLength == 0:
		return e.Next()
	case strings.HasPrefix(kind, "application/json"):
		return checkJSON(e)
	case strings.HasPrefix(kind, "multipart/form-data"), strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		return checkForm(e)
	}
	return e.Next()
}

func checkJSON(e *core.RequestEvent) error {
	raw, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return unread(e, err)
	}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := judgeJSON(raw); err != nil {
			return err
		}
	}
	e.Request.Body = &router.RereadableReadCloser{ReadCloser: io.NopCloser(bytes.NewReader(raw))}
	return e.Next()
}

// unread answers an incomplete body, and closes the connection: the rest of the body could still arrive.
func unread(e *core.RequestEvent, err error) error {
	e.Response.Header().Set("Connection", "close")
	var api *router.ApiError
	if errors.As(err, &api) {
		return api
	}
	return router.NewApiError(http.StatusRequestTimeout, "The body was incomplete. Send it again.", err)
}

func judgeJSON(raw []byte) error {
	switch {
	case !utf8.Valid(raw):
		return badBody("The body is not valid UTF-8.")
	case !json.Valid(raw):
		return badBody("The body is not valid JSON.")
	case bytes.TrimSpace(raw)[0] != '{':
		return badBody("The body must be a JSON object.")
	case !soundEscapes(raw):
		return noText(raw)
	}
	return nil
}

// noText returns the name of the field that contains invalid characters, if it can be determined.
func noText(raw []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return badBody(charactersThatAreNone)
	}
	for name, value := range fields {
		if !soundEscapes(value) {
			return refusal.Field(name, refusal.ControlCharacters, charactersThatAreNone)
		}
	}
	return badBody(charactersThatAreNone)
}

const charactersThatAreNone = "Remove the characters that are not valid text."

func badBody(sentence string) error { return router.NewBadRequestError(sentence, nil) }

// soundEscapes reports whether all \u escapes of valid JSON are characters: no NUL, no half of a surrogate pair.
func soundEscapes(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // the escaped character, so that \\u0000 is read as a backslash and letters
		if raw[i] != 'u' {
			continue
		}
		unit := codeUnit(raw[i+1:])
		i += 4
		switch {
		case unit == 0, isLow(unit):
			return false
		case isHigh(unit):
			if !bytes.HasPrefix(raw[i+1:], []byte(`\u`)) || !isLow(codeUnit(raw[i+3:])) {
				return false
			}
			i += 6
		}
	}
	return true
}

func codeUnit(hex []byte) uint64 {
	unit, _ := strconv.ParseUint(string(hex[:4]), 16, 16) // four hex digits: the JSON is valid
	return unit
}

func isHigh(unit uint64) bool { return unit >= 0xd800 && unit < 0xdc00 }

func isLow(unit uint64) bool { return unit >= 0xdc00 && unit < 0xe000 }

// The limits of bodies. PocketBase and Go write what is too large for memory to the disk, where a picture would be readable.
const (
	largestBody   = router.DefaultMaxMemory
	largestPhoto  = images.MaxBytes + 1<<20 // a registration form: a picture and the other fields
	largestLetter = 1 << 20                 // any other body of a guest
)

// limitBodies limits a body to what its sender could need. Superusers upload whole backups.
func limitBodies(e *core.RequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	limit := int64(largestBody)
	if e.Auth == nil {
		limit = largestLetter
		if isForm(e.Request) {
			limit = largestPhoto
		}
	}
	return apis.BodyLimit(limit).Func(e)
}

// readOnce prevents copying the body of a form for a second reading: net/http keeps the parsed form.
func readOnce(e *core.RequestEvent) error {
	plainType(e.Request.Header)
	if body, copied := e.Request.Body.(*router.RereadableReadCloser); copied && isForm(e.Request) {
		e.Request.Body = body.ReadCloser
	}
	return e.Next()
}

func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
}

// plainType normalizes the content type, as all comparisons here need: to net/http a Multipart/Form-Data is a form too.
func plainType(header http.Header) {
	if kind, parameters, more := strings.Cut(header.Get("Content-Type"), ";"); kind != "" {
		kind = strings.ToLower(strings.TrimSpace(kind))
		if more {
			kind += ";" + parameters
		}
		header.Set("Content-Type", kind)
	}
}

// checkForm judges the texts of a form, among them the JSON that the SDK puts beside files. Superusers upload whole
// backups: theirs are left to PocketBase.
func checkForm(e *core.RequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	if err := e.Request.ParseMultipartForm(router.DefaultMaxMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return unreadForm(e, err)
	}
	for name, values := range e.Request.PostForm {
		for _, value := range append(values, name) {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return badBody("The form is not valid UTF-8 text.")
			}
		}
		if name == router.JSONPayloadKey {
			if err := judgePayloads(values); err != nil {
				return err
			}
		}
	}
	return e.Next()
}

func unreadForm(e *core.RequestEvent, err error) error {
	var api *router.ApiError
	if errors.As(err, &api) || errors.Is(err, os.ErrDeadlineExceeded) {
		return unread(e, err)
	}
	return badBody("The form cannot be read.")
}

func judgePayloads(payloads []string) error {
	for _, payload := range payloads {
		if strings.TrimSpace(payload) == "" {
			return badBody("The body is not valid JSON.")
		}
		if err := judgeJSON([]byte(payload)); err != nil {
			return err
		}
	}
	return nil
}

// checkTypes refuses values of a wrong type for our records, where PocketBase would turn them into something else: an
// object into "", a word into 0, an invalid date into no date. The body is read again: what RequestInfo holds by now
// was turned already.
func checkTypes(e *core.RecordRequestEvent) error {
	if !isOurs(e.Collection) {
		return e.Next()
	}
	body := map[string]any{}
	if err := e.BindBody(&body); err != nil {
		return e.BadRequestError("The body cannot be read.", err)
	}
	loose := !strings.HasPrefix(e.Request.Header.Get("Content-Type"), "application/json")
	for name, value := range body {
		if !e.HasSuperuserAuth() && name != core.FieldNameId && !slices.Contains(collections.ClientFields(e.Collection.Name), name) {
			continue // it is ignored, whatever it is
		}
		if kind := kindOf(e.Collection, name); !kind.fits(value, loose) {
			return refusal.Field(name, refusal.WrongType, "`"+name+"` must be "+string(kind)+".")
		}
	}
	return e.Next()
}

// kind says what a field's value has to be, in words for the caller.
type kind string

const (
	anything kind = "it is"
	words    kind = "a string"
	moment   kind = "a date and time, or an empty string"
	amount   kind = "a number"
	yesNo    kind = "true or false"
	oneOf    kind = "a string"
	someOf   kind = "a list of strings"
)

// kindOf returns the kind of value that a body may have for name. A sealed field has a column with another name; its plain value is a string.
func kindOf(c *core.Collection, name string) kind {
	if name == "attachments" {
		return anything
	}
	if c.IsAuth() && (name == "passwordConfirm" || name == "oldPassword") {
		return words
	}
	field := c.Fields.GetByName(name)
	if field == nil {
		if c.Fields.GetByName(name+"_sealed") != nil {
			return words
		}
		return anything
	}
	switch field := field.(type) {
	case *core.TextField, *core.EditorField, *core.EmailField, *core.URLField, *core.PasswordField:
		return words
	case *core.DateField:
		return moment
	case *core.NumberField:
		return amount
	case *core.BoolField:
		return yesNo
	case *core.SelectField:
		return listed(field.IsMultiple())
	case *core.RelationField:
		return listed(field.IsMultiple())
	}
	return anything
}

func listed(multiple bool) kind {
	if multiple {
		return someOf
	}
	return oneOf
}

// fits judges a decoded value. Forms know no types: PocketBase guesses them, so a text of digits comes as a number.
func (k kind) fits(value any, loose bool) bool {
	if value == nil || k == anything {
		return true
	}
	switch v := value.(type) {
	case string:
		return k == words || k == oneOf || k == someOf || (k == moment && isMoment(v)) || (v == "" && loose)
	case float64, int, int64:
		return k == amount || (loose && (k == words || k == oneOf))
	case bool:
		return k == yesNo || (loose && (k == words || k == oneOf))
	case []string:
		return k == someOf
	case []any:
		return k == someOf && allTexts(v)
	}
	return false
}

func allTexts(values []any) bool {
	for _, value := range values {
		if _, ok := value.(string); !ok {
			return false
		}
	}
	return true
}

func isMoment(s string) bool {
	if s == "" {
		return true
	}
	d, err := types.ParseDateTime(s)
	return err == nil && !d.IsZero()
}
