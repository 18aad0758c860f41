package distribution

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pseudoParameters are those that every template has. AWS::NoValue is none of them:
// it takes the property away. [CFG-11], [CFG-12]
var pseudoParameters = []string{"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}

// pseudo is the value of a pseudo parameter.
func (t *template) pseudo(name string) string {
	if v, ok := t.stacks.options.Parameters[name]; ok {
		return v
	}
	switch name {
	case "AWS::AccountId":
		return cmp.Or(t.stack.Account, defaultAccount)
	case "AWS::Partition":
		return partition(t.pseudo("AWS::Region"))
	case "AWS::Region":
		return cmp.Or(t.stack.Region, defaultRegion)
	case "AWS::StackId":
		return fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s/%s", t.pseudo("AWS::Partition"), t.pseudo("AWS::Region"),
			t.pseudo("AWS::AccountId"), t.pseudo("AWS::StackName"), uuid(t.stack.Name))
	case "AWS::StackName":
		return t.stack.Name
	}
	return urlSuffix(t.pseudo("AWS::Region"))
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func urlSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// value is what a parameter has: given, the stack's own, or its default.
func (t *template) value(name string, decl *node) (value string, ok bool) {
	if v, ok := t.stacks.options.Parameters[name]; ok {
		return v, true
	}
	if v, ok := t.stack.Parameters[name]; ok {
		return v, true
	}
	if v := decl.at("Default"); v != nil && v.kind != listKind && v.kind != objectKind && v.kind != nullKind {
		return v.text, !fromStore(decl)
	}
	return "", false
}

// fromStore reports whether a parameter names an entry of the Parameter Store, whose
// value is not known here.
func fromStore(decl *node) bool {
	return strings.HasPrefix(parameterType(decl), "AWS::SSM::Parameter::Value")
}

func parameterType(decl *node) string {
	if v := decl.at("Type"); v != nil {
		return v.text
	}
	return ""
}

// isList reports whether a value is several, separated by commas.
func isList(kind string) bool {
	return kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<") || strings.Contains(kind, "Value<List<") || strings.Contains(kind, "Value<CommaDelimitedList")
}

// parameter is what a reference to a parameter gives.
func (t *template) parameter(n *node, name, path string) *node {
	decl := t.parameters[name]
	v, ok := t.value(name, decl)
	switch {
	case !ok && fromStore(decl):
		t.refuse(n, "--parameter "+name+"=VALUE", "the value of parameter %s is kept in the Parameter Store, and not known here", name)
		return nil
	case !ok:
		t.refuse(n, "--parameter "+name+"=VALUE", "parameters [%s] must have values", name)
		return nil
	case isList(parameterType(decl)):
		return t.texts(n, path, separated(v))
	}
	return t.scalar(n, path, v)
}

func separated(v string) []string {
	if v == "" {
		return nil
	}
	list := strings.Split(v, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// checkParameters checks each value that there is as CloudFormation does.
func (t *template) checkParameters() {
	for _, f := range t.section("Parameters") {
		kind := parameterType(f.value)
		if f.value.kind != objectKind || kind == "" {
			t.refuse(f.value, "Type: String", "every Parameters object must contain a Type member")
			continue
		}
		v, ok := t.value(f.key, f.value)
		if !ok {
			continue // an error where it is used
		}
		values := []string{v}
		if isList(kind) {
			values = separated(v)
		}
		for _, v := range values {
			t.checkParameter(f.key, f.value, kind, v)
		}
	}
}

func (t *template) checkParameter(name string, decl *node, kind, v string) {
	number, err := strconv.ParseFloat(v, 64)
	if numeric := kind == "Number" || kind == "List<Number>"; numeric && err != nil {
		t.refuse(decl, "", "parameter %s must be a number, not %q", name, v)
		return
	} else if numeric {
		t.within(decl, "parameter "+name, number, "MinValue", "MaxValue", "%q is out of its range", v)
	} else {
		t.within(decl, "parameter "+name, float64(utf8.RuneCountInString(v)), "MinLength", "MaxLength", "%q is not of the length allowed", v)
	}
	if allowed := decl.at("AllowedValues"); allowed != nil {
		words := t.r.names(allowed)
		if !slices.Contains(words, v) {
			t.refuse(decl, "", "parameter %s must be one of [%s], not %q", name, strings.Join(words, ", "), v)
		}
	}
	pattern := decl.at("AllowedPattern")
	if pattern == nil || kind == "Number" {
		return
	}
	if re, err := regexp.Compile("^(?:" + pattern.text + ")$"); err != nil {
		t.r.note(pattern, "not checked: %v", err)
	} else if !re.MatchString(v) {
		t.refuse(decl, "", "parameter %s must match the pattern %s, and %q does not", name, pattern.text, v)
	}
}

// within checks a measure of a value against two bounds of its declaration.
func (t *template) within(decl *node, what string, measure float64, least, most, format, v string) {
	for _, bound := range []struct {
		name  string
		wrong func(bound float64) bool
	}{{least, func(b float64) bool { return measure < b }}, {most, func(b float64) bool { return measure > b }}} {
		n := decl.at(bound.name)
		if n == nil {
			continue
		}
		if b, err := strconv.ParseFloat(n.text, 64); err != nil {
			t.refuse(n, "", "is not a number")
		} else if bound.wrong(b) {
			t.refuse(decl, bound.name+" is "+n.text, what+": "+format, v)
		}
	}
}

// refuse reports a mistake of the template, as CloudFormation would.
func (t *template) refuse(n *node, hint, format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok && len(s) > 200 { // what is worked out may be long
			args[i] = strings.ToValidUTF8(s[:200], "") + "…"
		}
	}
	t.r.refuse(n, templateError, hint, format, args...)
}
