package distribution

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// functions are CloudFormation's intrinsic functions. [CFG-11] Those of the second
// list are known to it but not here.
var (
	functions = []string{"And", "Base64", "Equals", "FindInMap", "GetAtt", "If", "ImportValue", "Join", "Not", "Or", "Select", "Split", "Sub"}
	foreign   = map[string]string{
		"Cidr":         "addresses are not reckoned here",
		"ForEach":      "the language extensions are not run here; convert the template with aws cloudformation get-template --template-stage Processed",
		"GetAZs":       "availability zones are not known here",
		"Length":       "the language extensions are not run here; convert the template with aws cloudformation get-template --template-stage Processed",
		"ToJsonString": "the language extensions are not run here; convert the template with aws cloudformation get-template --template-stage Processed",
		"Transform":    "macros are not run here; convert the template with aws cloudformation get-template --template-stage Processed",
	}
)

var knownFunctions = "known here: Ref, Condition, " + strings.Join(functions, ", ")

// isTemplate reports whether the root of a YAML document is a template: in one,
// tags are functions.
func isTemplate(a ast.Node) bool {
	m, ok := a.(*ast.MappingNode)
	if v, single := a.(*ast.MappingValueNode); single {
		m, ok = &ast.MappingNode{Values: []*ast.MappingValueNode{v}}, true
	}
	return ok && slices.ContainsFunc(m.Values, func(v *ast.MappingValueNode) bool {
		key, ok := v.Key.(*ast.StringNode)
		return ok && (key.Value == "Resources" || key.Value == "AWSTemplateFormatVersion")
	})
}

// tag reads the short form of a function, !Sub text, as its long form, {Fn::Sub:
// text}.
func (w *astWalk) tag(a *ast.TagNode, n *node, depth int) (*node, error) {
	tag := a.Start.Value
	name, short := strings.CutPrefix(tag, "!")
	if !w.template || !short || strings.HasPrefix(name, "!") {
		return nil, &Error{Line: n.line, Path: n.path, What: "tag has no meaning here"}
	}
	key := "Fn::" + name
	switch _, known := foreign[name]; {
	case name == "Ref" || name == "Condition":
		key = name
	case !known && !slices.Contains(functions, name):
		return nil, &Error{Line: n.line, Path: n.path, Code: templateError, What: "unknown intrinsic function " + tag, Hint: knownFunctions}
	}
	arg, err := w.walk(a.Value, join(n.path, key), depth+1)
	if err != nil {
		return nil, err
	}
	n.kind, n.fields = objectKind, []field{{key, arg}}
	return n, nil
}
