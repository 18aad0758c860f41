package distribution

import (
	"fmt"
	"reflect"
	"strings"

	"staleproof/cachepolicy"
)

// dialect reads one document in our own words: the document's settings are those
// of Distribution, and policies to refer to by name. Every other key is a mistake.
func (r *reader) dialect(n *node, shelf *shelf, scripted []string) *Distribution {
	r.where = map[string]*node{}
	o := r.object(n)
	o.asked = append(o.asked, policyKeys...) // shelved before
	d := &Distribution{Enabled: true}
	o.text("id", &d.ID)
	o.text("domain", &d.Domain)
	o.names("aliases", &d.Aliases)
	o.flag("enabled", &d.Enabled)
	o.text("comment", &d.Comment)
	o.text("defaultRootObject", &d.DefaultRootObject)
	o.text("tagHeader", &d.TagHeader)
	r.origins(o, d, scripted)
	r.originGroups(o, d)
	r.emulation(o, &d.Emulation)
	if list := o.take("cacheBehaviors"); list != nil {
		for _, item := range r.list(list) {
			d.Behaviors = append(d.Behaviors, r.behavior(item, d, shelf, fmt.Sprintf("cacheBehaviors[%d]", len(d.Behaviors)), false))
		}
	}
	if def := o.take("defaultCacheBehavior"); def != nil {
		d.Behaviors = append(d.Behaviors, r.behavior(def, d, shelf, "defaultCacheBehavior", true))
	} else {
		r.refuse(n, "InvalidArgument", "defaultCacheBehavior: {origin: web, policy: CachingOptimized}", "defaultCacheBehavior is missing")
	}
	if list := o.take("customErrorResponses"); list != nil {
		for _, item := range r.list(list) {
			d.ErrorResponses = append(d.ErrorResponses, r.errorResponse(item))
		}
	}
	o.close()
	return d
}

func (r *reader) list(n *node) []*node {
	if n.kind != listKind {
		r.refuse(n, "", "begin each item with a dash", "is %s, want a list", n.kind)
	}
	return n.items
}

// emulation reads a switch for each field of cachepolicy.Emulation, named after
// it, so that a new one cannot be forgotten here.
func (r *reader) emulation(o *object, e *cachepolicy.Emulation) {
	v := o.take("emulation")
	if v == nil {
		return
	}
	in := r.object(v)
	fields := reflect.ValueOf(e).Elem()
	for i := range fields.NumField() {
		in.flag(switchName(fields.Type().Field(i).Name), fields.Field(i).Addr().Interface().(*bool))
	}
	in.close()
}

func switchName(field string) string { return strings.ToLower(field[:1]) + field[1:] }

func (r *reader) errorResponse(n *node) ErrorResponse {
	e := ErrorResponse{MinTTL: defaultErrorTTL}
	o := r.object(n)
	o.count("code", &e.Code)
	o.text("page", &e.Page)
	o.count("status", &e.Status)
	o.duration("minTTL", &e.MinTTL)
	o.close()
	return e
}
