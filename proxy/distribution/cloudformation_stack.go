package distribution

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Stack is what a CloudFormation template is deployed as. What is empty is guessed:
// the name from the file's, [defaultRegion] and [defaultAccount].
type Stack struct {
	Name, Region, Account string
	Parameters            map[string]string // behind those of [Options]
}

// same reports whether two templates would be deployed as one.
func (s Stack) same(o Stack) bool {
	return s.Name == o.Name && s.Region == o.Region && s.Account == o.Account
}

const (
	defaultRegion  = "us-east-1"    // where CloudFront's own resources live
	defaultAccount = "123456789012" // the account of AWS's examples
)

// stack is the stack of a source, named after the file if nothing names it: site for
// site.template.json.
func (s Source) stack() Stack {
	if s.Stack.Name == "" {
		name := path.Base(strings.ReplaceAll(s.Name, `\`, "/"))
		name, _, _ = strings.Cut(strings.TrimLeft(name, "."), ".")
		s.Stack.Name = stackName(name)
	}
	return s.Stack
}

// stackName makes a name of letters, digits and hyphens, at most 128 of them, that
// begins with a letter.
func stackName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 128 && isAlnum(byte(r)) {
			return r
		}
		return '-'
	}, s)
	if s = strings.Trim(s, "-"); s == "" || s[0] >= '0' && s[0] <= '9' {
		s = strings.TrimSuffix("stack-"+s, "-")
	}
	return s[:min(len(s), 128)]
}

// Parameters are values for the parameters of CloudFormation templates, by name. A
// name like AWS::Region sets a pseudo parameter. Zero value: defaults only.
//
// Its methods make it the value of a flag that is repeated: --parameter K=V.
type Parameters map[string]string

// Set adds K=V.
func (p *Parameters) Set(s string) error {
	k, v, ok := strings.Cut(s, "=")
	if !ok || k == "" {
		return fmt.Errorf("%q is not NAME=VALUE", s)
	}
	if old, given := (*p)[k]; given && old != v {
		return fmt.Errorf("parameter %s is given twice", k)
	}
	if *p == nil {
		*p = Parameters{}
	}
	(*p)[k] = v
	return nil
}

// String lists the parameters, sorted by name.
func (p *Parameters) String() string {
	if p == nil {
		return ""
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(*p)) {
		out = append(out, k+"="+(*p)[k])
	}
	return strings.Join(out, " ")
}

// Imports are the exports of other stacks, by name, for Fn::ImportValue.
type Imports map[string]string

// ReadImports reads exports: what `aws cloudformation list-exports` prints, or a map
// of names to values, in JSON or YAML.
func ReadImports(s Source) (Imports, error) {
	roots, err := parse(s)
	if err == nil && len(roots) != 1 {
		err = errors.New("want one map of export names to values, or the output of aws cloudformation list-exports")
	}
	if err != nil {
		return nil, Errors{located(s.Name, err)}
	}
	r, imports := &reader{}, Imports{}
	if list := roots[0].at("Exports"); list != nil && list.kind == listKind {
		for _, item := range list.items {
			o, name, value := r.object(item), "", ""
			o.text("Name", &name)
			o.text("Value", &value)
			imports[name] = value
		}
	} else {
		for _, f := range r.object(roots[0]).n.fields {
			imports[f.key] = r.text(f.value)
		}
	}
	return imports, joined(r.found)
}
