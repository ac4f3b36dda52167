// Package query checks the parameters of a list: filter, sort, expand, fields and the page. It refuses everything
// that is not on the collection's list. It knows only text: no database, no HTTP, no PocketBase.
package query

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ganigeorgiev/fexpr"
)

// The limits of one request.
const (
	MaxFilterBytes = 1000
	MaxTerms       = 20
	MaxSortFields  = 8
	MaxFieldsBytes = 2000
	MaxPage        = 1_000_000
)

// List is what a client may use in queries about one collection.
type List struct {
	Fields  []string // filter and sort
	Expands []string // expand
	Open    bool     // any plain name: a collection that is not ours, where PocketBase's own checks decide
}

// Refusal says which parameter is refused, and what is allowed instead.
type Refusal struct {
	Param    string
	Sentence string
}

func (r *Refusal) Error() string { return r.Sentence }

func refuse(param, format string, args ...any) *Refusal {
	return &Refusal{Param: param, Sentence: fmt.Sprintf(format, args...)}
}

// Check checks all of a request's query parameters; it ignores unknown ones. A parameter that is
// given twice is refused, because two readers of one request could each use a different value.
func (l List) Check(values url.Values) error {
	for _, param := range []string{"filter", "sort", "expand", "fields", "page", "perPage"} {
		given := values[param]
		if len(given) > 1 {
			return refuse(param, "Send %s only once.", param)
		}
		if len(given) == 0 || given[0] == "" {
			continue
		}
		if err := l.CheckOne(param, given[0]); err != nil {
			return err
		}
	}
	return nil
}

// CheckOne checks the value of one parameter.
func (l List) CheckOne(param, value string) error {
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return refuse(param, "Send %s as plain UTF-8 text.", param)
	}
	switch param {
	case "filter":
		return l.checkFilter(value)
	case "sort":
		return l.checkSort(value)
	case "expand":
		return l.checkExpand(value)
	case "fields":
		return checkFields(value)
	case "page", "perPage":
		return checkNumber(param, value)
	}
	return nil
}

// None refuses filter, sort and expand for a route that supports none of them.
func None(values url.Values) error {
	for _, param := range []string{"filter", "sort", "expand"} {
		if values.Get(param) != "" || len(values[param]) > 1 {
			return refuse(param, "This route does not support %s.", param)
		}
	}
	return List{}.Check(values)
}

func (l List) checkFilter(filter string) error {
	if len(filter) > MaxFilterBytes {
		return refuse("filter", "A filter may be at most %d bytes long.", MaxFilterBytes)
	}
	groups, err := fexpr.Parse(filter)
	if err != nil {
		return refuse("filter", "The filter cannot be read. Write it like: %s = \"...\".", l.example())
	}
	terms := 0
	return l.checkGroups(groups, &terms)
}

func (l List) checkGroups(groups []fexpr.ExprGroup, terms *int) error {
	for _, group := range groups {
		var err error
		switch item := group.Item.(type) {
		case fexpr.Expr:
			err = l.checkTerm(item, terms)
		case []fexpr.ExprGroup:
			err = l.checkGroups(item, terms)
		default:
			err = errors.New("unknown part of a filter")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l List) checkTerm(term fexpr.Expr, terms *int) error {
	if *terms++; *terms > MaxTerms {
		return refuse("filter", "A filter may have at most %d conditions.", MaxTerms)
	}
	for _, operand := range []fexpr.Token{term.Left, term.Right} {
		if err := l.checkOperand(operand); err != nil {
			return err
		}
	}
	return nil
}

func (l List) checkOperand(token fexpr.Token) error {
	switch token.Type {
	case fexpr.TokenText, fexpr.TokenNumber:
		return nil
	case fexpr.TokenIdentifier:
		if l.allows(token.Literal) || isConstant(token.Literal) {
			return nil
		}
	}
	return refuse("filter", "A filter may use %s, texts, numbers and times like @now.", l.names())
}

func (l List) checkSort(sort string) error {
	fields := strings.Split(sort, ",")
	if len(fields) > MaxSortFields {
		return refuse("sort", "Sort by at most %d fields.", MaxSortFields)
	}
	for _, field := range fields {
		field = strings.TrimSpace(field)
		if after, found := strings.CutPrefix(field, "-"); found {
			field = after
		} else {
			field = strings.TrimPrefix(field, "+")
		}
		if !l.allows(field) {
			return refuse("sort", "Sort by %s; put - in front for descending order.", l.names())
		}
	}
	return nil
}

func (l List) checkExpand(expand string) error {
	for _, relation := range strings.Split(expand, ",") {
		relation = strings.ReplaceAll(relation, " ", "")
		if relation == "" || slices.Contains(l.Expands, relation) || (l.Open && plain.MatchString(relation)) {
			continue
		}
		if len(l.Expands) == 0 {
			return refuse("expand", "Nothing can be expanded here.")
		}
		return refuse("expand", "Expand may name %s.", strings.Join(l.Expands, ", "))
	}
	return nil
}

// checkFields limits the length only: fields selects from an answer that the caller sees anyway.
func checkFields(fields string) error {
	if len(fields) > MaxFieldsBytes {
		return refuse("fields", "The list of fields may be at most %d bytes long.", MaxFieldsBytes)
	}
	return nil
}

func checkNumber(param, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > MaxPage {
		return refuse(param, "%s must be a whole number from 1 to %d.", param, MaxPage)
	}
	return nil
}

var plain = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)

// allows reports whether name is a field of the list. A dot (a chain, a back-relation), a colon (a modifier) and an @
// (another collection, the request) are in no name.
func (l List) allows(name string) bool {
	return slices.Contains(l.Fields, name) || (l.Open && plain.MatchString(name))
}

func (l List) names() string {
	if l.Open {
		return "the collection's own fields"
	}
	if len(l.Fields) == 0 {
		return "no fields of this collection"
	}
	return strings.Join(l.Fields, ", ")
}

func (l List) example() string {
	if len(l.Fields) == 0 {
		return "id"
	}
	return l.Fields[0]
}

// moments are PocketBase's macros for a time or a part of one.
var moments = []string{
	"@now", "@yesterday", "@tomorrow", "@second", "@minute", "@hour", "@day", "@month", "@weekday", "@year",
	"@todayStart", "@todayEnd", "@monthStart", "@monthEnd", "@yearStart", "@yearEnd",
}

func isConstant(name string) bool {
	switch strings.ToLower(name) {
	case "true", "false", "null":
		return true
	}
	return slices.Contains(moments, name)
}
