package guard_test

import (
	"strings"
	"testing"

	"carecollective/collections"
	"carecollective/guard"
)

func TestCollectionsOfTheContractStayAsTheyAre(t *testing.T) {
	h := open(t, guard.Options{})
	for _, name := range collections.All() {
		c, err := h.app.FindCollectionByNameOrId(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, spelled := range []string{name, strings.ToUpper(name), c.Id} {
			path := "/api/collections/" + spelled
			h.expect("change "+spelled, h.ask(h.super, "PATCH", path, `{"listRule":""}`), 403)
			h.expect("rename "+spelled, h.ask(h.super, "PATCH", path, `{"name":"other"}`), 403)
			h.expect("truncate "+spelled, h.ask(h.super, "DELETE", path+"/truncate", ""), 403)
			h.expect("delete "+spelled, h.ask(h.super, "DELETE", path, ""), 403)
			h.expect("import over "+spelled, h.importing(`{"name":"`+spelled+`","listRule":""}`, false), 403)
		}
		h.expect("import over by id", h.importing(`{"id":"`+c.Id+`","name":"other","listRule":""}`, false), 403)
		h.expect("import of a namesake", h.importing(`{"id":"unheardof","Name":"`+name+`","type":"base"}`, false), 403)
	}
	h.expect("import that deletes the rest", h.importing(`{"name":"events","type":"base","fields":[]}`, true), 403)
}

func (h *house) importing(item string, deleteMissing bool) answer {
	h.t.Helper()
	flag := "false"
	if deleteMissing {
		flag = "true"
	}
	return h.ask(h.super, "PUT", "/api/collections/import", `{"collections":[`+item+`],"deleteMissing":`+flag+`}`)
}

func TestOperatorsMakeCollectionsOfTheirOwn(t *testing.T) {
	h := open(t, guard.Options{})
	h.expect("create", h.ask(h.super, "POST", "/api/collections", `{"name":"events","type":"base","fields":[{"name":"note","type":"text"}]}`), 200)
	h.expect("change", h.ask(h.super, "PATCH", "/api/collections/events", `{"listRule":""}`), 200)
	h.expect("view", h.ask(h.super, "POST", "/api/collections", `{"name":"notes","type":"view","viewQuery":"SELECT id, note FROM events"}`), 200)
	h.expect("preview", h.ask(h.super, "POST", "/api/collections/meta/dry-run-view", `{"query":"SELECT id, note FROM events"}`), 200)
	h.expect("import", h.importing(`{"name":"tools","type":"base","fields":[{"name":"note","type":"text"}]}`, false), 204)
	h.expect("truncate", h.ask(h.super, "DELETE", "/api/collections/events/truncate", ""), 204)
	h.expect("delete", h.ask(h.super, "DELETE", "/api/collections/notes", ""), 204)
	h.expect("change as a member", h.ask(h.ana, "PATCH", "/api/collections/events", `{"listRule":""}`), 403)
}

// overOurs are ways to write a query that SQLite reads as one over our tables, or that could be more than a query.
var overOurs = []string{
	`SELECT id FROM messages`,
	`SELECT id FROM MESSAGES`,
	`SELECT id FROM "messages"`,
	"SELECT id FROM `Messages`",
	`SELECT id FROM [messages]`,
	`SELECT id FROM 'messages'`,
	`SELECT id FROM main.messages`,
	`SELECT id FROM/**/messages/**/`,
	"SELECT id FROM--x\nmessages",
	`SELECT (SELECT group_concat(email) FROM users) as id`,
	`SELECT e.id FROM events e JOIN users u ON u.id = e.owner`,
	`WITH x AS (SELECT id FROM user_blocks) SELECT id FROM x`,
	`SELECT key as id FROM _buckets`,
	`SELECT data as id FROM sqlite_dbpage`,
	`SELECT name as id FROM sqlite_master`,
	`SELECT name as id FROM pragma_table_list`,
	`SELECT 1 as id); DELETE FROM events; SELECT (1`,
	`SELECT 1 as id); ATTACH '/tmp/x' AS x; SELECT (1`,
}

func TestNoViewReadsOurTables(t *testing.T) {
	h := open(t, guard.Options{})
	h.ownCollection("events")
	h.expect("harmless view", h.ask(h.super, "POST", "/api/collections", `{"name":"notes","type":"view","viewQuery":"SELECT id FROM events"}`), 200)
	for _, sql := range overOurs {
		query := jsonText(sql)
		for what, got := range map[string]answer{
			"create":                   h.ask(h.super, "POST", "/api/collections", `{"name":"leak","type":"view","viewQuery":`+query+`}`),
			"change":                   h.ask(h.super, "PATCH", "/api/collections/notes", `{"viewQuery":`+query+`}`),
			"import":                   h.importing(`{"name":"leak","type":"view","viewQuery":`+query+`}`, false),
			"import in another case":   h.importing(`{"name":"leak","type":"view","VIEWQUERY":`+query+`}`, false),
			"import over one":          h.importing(`{"name":"notes","viewQuery":`+query+`}`, false),
			"import over one by label": h.importing(`{"name":"notes","ViewQuery":`+query+`}`, false),
			"preview":                  h.ask(h.super, "POST", "/api/collections/meta/dry-run-view", `{"query":`+query+`}`),
		} {
			if got.status != 403 && got.code("viewQuery") != "several_statements" {
				t.Errorf("%s of %s: %d %s", what, sql, got.status, got.body)
			}
		}
	}
	for _, sql := range []string{`SELECT id FROM my_messages`, `SELECT id, 'usersx' as a FROM events;`} {
		if got := h.ask(h.super, "POST", "/api/collections/meta/dry-run-view", `{"query":`+jsonText(sql)+`}`); got.status == 403 {
			t.Errorf("%s: %s", sql, got.body)
		}
	}
}

func TestSchemaUnlocked(t *testing.T) {
	h := open(t, guard.Options{Unlock: map[string]bool{guard.Schema: true}})
	h.expect("change", h.ask(h.super, "PATCH", "/api/collections/message_audit_log", `{"listRule":null}`), 200)
	h.expect("truncate", h.ask(h.super, "DELETE", "/api/collections/user_blocks/truncate", ""), 204)
	h.expect("view", h.ask(h.super, "POST", "/api/collections", `{"name":"v","type":"view","viewQuery":"SELECT id FROM messages"}`), 200)
}
