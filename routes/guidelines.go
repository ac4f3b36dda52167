package routes

import (
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

// viewGuidelines answers GET /messaging/guidelines: the collective's text, its version, and the one the caller accepted.
func viewGuidelines(e *core.RequestEvent) error {
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]any{"guidelines": map[string]any{
		"text": settings.GetString(collections.FieldGuidelines), "version": settings.Int("guidelines_version"),
		"accepted_version": collections.AsMember(e.Auth).GuidelinesVersion(),
	}})
}

// acceptGuidelines answers POST /messaging/guidelines/accept with the version that was read: the newest, or it is refused.
func acceptGuidelines(e *core.RequestEvent) error {
	sent, err := body(e)
	if err != nil {
		return err
	}
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	if version, ok := sent["version"].(float64); !ok || int(version) != settings.Int("guidelines_version") {
		return refusal.Field("version", refusal.InvalidValue, "The guidelines have changed. Read them again and accept the newest version.")
	}
	member := collections.AsMember(e.Auth.Fresh())
	member.AcceptGuidelines(settings.Int("guidelines_version"))
	if err := e.App.SaveNoValidate(member); err != nil {
		return err
	}
	e.Auth = member.ProxyRecord()
	return viewGuidelines(e)
}
