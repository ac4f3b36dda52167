// Package migrations is the frozen history of the schema: the only code that changes it. A file here is written once
// and never edited after a release; collections/schema.golden shows what they add up to.
package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// The constructors below say in one line what a field is. Like the migrations themselves they are frozen.

const sealedMax = 200_000 // ciphertext of the longest text, with room for what rides along

func text(name string, limit int) *core.TextField { return &core.TextField{Name: name, Max: limit} }

func hiddenText(name string, limit int) *core.TextField {
	return &core.TextField{Name: name, Max: limit, Hidden: true}
}

// sealed holds ciphertext: the readable value is never a column.
func sealed(name string) *core.TextField { return hiddenText(name+"_sealed", sealedMax) }

func whole(name string) *core.NumberField { return &core.NumberField{Name: name, OnlyInt: true} }

func hiddenWhole(name string) *core.NumberField {
	return &core.NumberField{Name: name, OnlyInt: true, Hidden: true}
}

func flag(name string) *core.BoolField { return &core.BoolField{Name: name} }

func hiddenFlag(name string) *core.BoolField { return &core.BoolField{Name: name, Hidden: true} }

func date(name string) *core.DateField { return &core.DateField{Name: name} }

func hiddenDate(name string) *core.DateField { return &core.DateField{Name: name, Hidden: true} }

func choice(name string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Values: values, MaxSelect: 1}
}

// relation points to one record of to; it is emptied, not followed, when that record is deleted.
func relation(name string, to *core.Collection) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: 1}
}

// part is a relation to what the record is a part of: it goes when that goes.
func part(name string, of *core.Collection) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: of.Id, MaxSelect: 1, Required: true, CascadeDelete: true}
}

func createdAt() *core.AutodateField { return &core.AutodateField{Name: "created_at", OnCreate: true} }

func updatedAt() *core.AutodateField {
	return &core.AutodateField{Name: "updated_at", OnCreate: true, OnUpdate: true}
}

// rules are the five API rules of a collection; nil is superusers only.
type rules struct{ list, view, create, update, remove *string }

func set(c *core.Collection, r rules) {
	c.ListRule, c.ViewRule, c.CreateRule, c.UpdateRule, c.DeleteRule = r.list, r.view, r.create, r.update, r.remove
}

func when(rule string) *string { return types.Pointer(rule) }

const member = `@request.auth.collectionName = "users"`

// mine is the rule of a row that belongs to the caller by field.
func mine(field string) *string { return when(field + ` = @request.auth.id && ` + member) }
