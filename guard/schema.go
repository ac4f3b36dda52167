package guard

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cast"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/refusal"
)

const schemaSentence = "The collections of this product cannot be changed, imported over, truncated or deleted."

// collectionCreate lets superusers create collections, but no view over ours.
func (w *wall) collectionCreate(e *core.CollectionRequestEvent) error {
	if err := w.judgeView(e.Collection); err != nil {
		return err
	}
	return e.Next()
}

func (w *wall) collectionUpdate(e *core.CollectionRequestEvent) error {
	if err := w.judgeChange(e.App, e.Collection); err != nil {
		return err
	}
	return e.Next()
}

func (w *wall) collectionDelete(e *core.CollectionRequestEvent) error {
	if !w.unlock[Schema] && isOurs(e.Collection) {
		return locked(Schema, schemaSentence)
	}
	return e.Next()
}

func (w *wall) passTruncate(e *core.RequestEvent) error {
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	if err != nil {
		return refusal.NotFound()
	}
	if !w.unlock[Schema] && isOurs(collection) {
		return locked(Schema, schemaSentence)
	}
	defer readcache.Invalidate(e.App) // rows bypass the hooks that handle this
	return e.Next()
}

// collectionsImport refuses an import that changes our collections. Each item is read exactly as PocketBase will read it: over the
// collection of the same id or name, if there is one.
func (w *wall) collectionsImport(e *core.CollectionsImportRequestEvent) error {
	if w.unlock[Schema] {
		return e.Next()
	}
	if e.DeleteMissing {
		return locked(Schema, "An import that deletes missing collections would delete the collections of this product.")
	}
	for _, item := range e.CollectionsData {
		collection, err := overlay(e.App, item)
		if err != nil {
			return refusal.Field("collections", refusal.ImportUnreadable, "The import contains an invalid collection.")
		}
		if err := w.judgeChange(e.App, collection); err != nil {
			return err
		}
	}
	return e.Next()
}

func overlay(app core.App, item map[string]any) (*core.Collection, error) {
	identifier := cast.ToString(item["id"])
	if identifier == "" {
		identifier = cast.ToString(item["name"])
	}
	collection, err := app.FindCollectionByNameOrId(identifier)
	if err != nil {
		collection = &core.Collection{}
	}
	raw, err := json.Marshal(item)
	if err != nil {
		return nil, fmt.Errorf("marshal collection: %w", err)
	}
	if err := json.Unmarshal(raw, collection); err != nil {
		return nil, fmt.Errorf("read collection: %w", err)
	}
	return collection, nil
}

// judgeChange refuses a change to one of our collections, or a view over them. A collection is identified by the id under which
// it is stored as well as by the id and name that it would get.
func (w *wall) judgeChange(app core.App, c *core.Collection) error {
	if w.unlock[Schema] {
		return nil
	}
	for _, known := range []string{cast.ToString(c.LastSavedPK()), c.Id, c.Name} {
		if found, err := app.FindCachedCollectionByNameOrId(known); err == nil && isOurs(found) {
			return locked(Schema, schemaSentence)
		}
	}
	return w.judgeView(c)
}

func (w *wall) judgeView(c *core.Collection) error {
	if w.unlock[Schema] || !c.IsView() {
		return nil
	}
	return judgeSelect(c.ViewQuery)
}

// passDryRun prevents the preview of a view's query from reading what the view itself could not.
func (w *wall) passDryRun(e *core.RequestEvent) error {
	if w.unlock[Schema] || w.unlock[SQL] {
		return e.Next()
	}
	form := struct {
		Query string `json:"query" form:"query"`
	}{}
	if err := e.BindBody(&form); err != nil {
		return e.BadRequestError("The body cannot be read.", err)
	}
	if err := judgeSelect(form.Query); err != nil {
		return err
	}
	return e.Next()
}

// tables are ours, with those that are no collections.
var tables = append(collections.All(), "_buckets", "_retention_watch")

var (
	mentionsOurs   = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_$])(` + strings.Join(tables, "|") + `)(?:$|[^a-z0-9_$])`)
	mentionsEngine = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_$])(sqlite_|pragma|dbstat|attach|detach|vacuum|load_extension)`)
)

// judgeSelect refuses a query that could read one of our tables. SQLite has no escapes within a name, so a query that uses
// the table messages must contain these letters together, in any case and any quotes, with no letter around them:
// that is looked for in the whole text, strings and comments included. Views of the operator's own that are named in it
// were judged in the same way when they were made. The engine's own tables, which hold everything, and a second
// statement are refused as well.
func judgeSelect(sql string) error {
	if found := mentionsOurs.FindStringSubmatch(sql); found != nil {
		return locked(Schema, fmt.Sprintf("A view may not read or use %q.", found[1]))
	}
	if mentionsEngine.MatchString(sql) {
		return locked(Schema, "A view may not use SQLite's own tables, pragmas and commands.")
	}
	if strings.Contains(strings.TrimRight(sql, "; \t\r\n"), ";") {
		return refusal.Field("viewQuery", refusal.SeveralStatements, "A view must be one SELECT, without a semicolon.")
	}
	return nil
}
