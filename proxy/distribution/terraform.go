package distribution

import (
	"strconv"
	"strings"

	"staleproof/cachepolicy"
)

// plans puts in the place of what `terraform show -json` prints of a plan or a
// state the documents that its resources are in the words of the AWS command line,
// so that one reader reads both. [CFG-17]
//
// The JSON is read as a tree of nodes like any other and not with a library's
// types: only so is the memory bounded before it is spent, and a mistake has its
// line.
func (r *reader) plans(docs []document) []document {
	var out []document
	for _, d := range docs {
		if formatOf(d.root) != terraform {
			out = append(out, d)
			continue
		}
		out = append(out, newPlan(r, d).documents()...)
	}
	return out
}

// plan is what one file holds: a plan, or a state, where everything is known.
type plan struct {
	r    *reader
	root *node
	// values are those that a plan leads to, or those of a state.
	values    *node
	resources []*resource
	byAddress map[string]*resource
	// changes are those of a plan by address: what is known after apply only.
	changes map[string]*node
	// declared are the blocks of each module's configuration, by mode, type and name.
	declared map[*node]map[string]*node
	// named are the instances of each block.
	named map[blockName][]*resource
	// work is what has been done to follow references.
	work int
}

// blockName names a block of an instance of a module.
type blockName struct {
	in         *module
	data       bool
	kind, name string
}

// Bounds on one plan, well above what the quotas of one distribution let in.
const (
	maxEdgeResources = 1000
	maxBlocks        = 300
	maxPlanWork      = 200_000 // references followed and blocks compared
)

// spend takes note of work; it reports whether there has not been too much.
func (p *plan) spend(n int) bool {
	p.work += n
	return p.work <= maxPlanWork
}

// resource is one instance of a Terraform resource or data source.
type resource struct {
	address, kind, name string
	key                 string // of for_each or count; "": none
	data                bool
	in                  *module
	values              *node
	unknown             *node // true at what is known after apply only; nil: nothing
	config              *node // its block in the configuration; nil in a state
	// guessed counts the ids that were told by their order, by block and type.
	guessed map[string]int
}

// module is one instance of a module; the root module has no parent.
type module struct {
	address, name, key string
	parent             *module
	call               *node // in the parent's configuration; nil: none
	config             *node
	children           []*module
}

func newPlan(r *reader, d document) *plan {
	p := &plan{r: r, root: d.root, changes: map[string]*node{}, byAddress: map[string]*resource{}, declared: map[*node]map[string]*node{}, named: map[blockName][]*resource{}}
	p.values = d.root.at("planned_values")
	if p.values == nil {
		p.values = d.root.at("values")
	}
	for _, c := range listed(d.root.at("resource_changes")) {
		if unknown := c.at("change").at("after_unknown"); unknown != nil {
			p.changes[c.word("address")] = unknown
		}
	}
	config := d.root.at("configuration").at("root_module")
	p.module(p.values.at("root_module"), &module{config: config}, false)
	// What data sources have found stands in the state before. [CFG-20]
	p.module(d.root.at("prior_state").at("values").at("root_module"), &module{config: config}, true)
	return p
}

// module collects the resources of a module and those within it; of a prior state
// only the data sources that the plan does not have.
func (p *plan) module(n *node, in *module, prior bool) {
	for _, item := range listed(n.at("resources")) {
		res := &resource{
			address: item.word("address"), kind: item.word("type"), name: item.word("name"), key: item.word("index"),
			data: item.word("mode") == "data", in: in, values: item.at("values"), guessed: map[string]int{},
		}
		if prior && (!res.data || p.byAddress[res.address] != nil) {
			continue
		}
		if res.values == nil || res.values.kind != objectKind {
			res.values = mapOf(item)
		}
		if !prior {
			res.unknown = p.changes[res.address]
		}
		res.config = p.declares(res)
		p.resources = append(p.resources, res)
		p.byAddress[res.address] = res
		block := blockName{in, res.data, res.kind, res.name}
		p.named[block] = append(p.named[block], res)
	}
	for _, child := range listed(n.at("child_modules")) {
		m := &module{address: child.word("address"), parent: in}
		m.name, m.key = lastModule(strings.TrimPrefix(m.address, in.address))
		m.call = in.config.at("module_calls").at(m.name)
		m.config = m.call.at("module")
		in.children = append(in.children, m)
		p.module(child, m, prior)
	}
}

// declares is the block of a resource in its module's configuration.
func (p *plan) declares(res *resource) *node {
	config := res.in.config
	blocks, ok := p.declared[config]
	if !ok {
		blocks = map[string]*node{}
		for _, c := range listed(config.at("resources")) {
			blocks[c.word("mode")+" "+c.word("type")+"."+c.word("name")] = c
		}
		p.declared[config] = blocks
	}
	mode := "managed"
	if res.data {
		mode = "data"
	}
	return blocks[mode+" "+res.kind+"."+res.name]
}

// lastModule splits `.module.site["docs"]` into site and docs.
func lastModule(address string) (name, key string) {
	name = strings.TrimPrefix(strings.TrimPrefix(address, "."), "module.")
	if before, in, ok := strings.Cut(name, "["); ok {
		name, key = before, unquoted(strings.TrimSuffix(in, "]"))
	}
	return name, key
}

func unquoted(s string) string {
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}

// word is the text of a scalar member, "" if there is none.
func (n *node) word(key string) string {
	if v := n.at(key); v != nil && v.kind != listKind && v.kind != objectKind {
		return v.text
	}
	return ""
}

// documents are those of the resources that the edge is made of.
func (p *plan) documents() (docs []document) {
	var skipped kindCount
	edge := 0
	if p.values == nil || p.values.kind != objectKind {
		p.r.refuse(p.root, "", "terraform show -json of a plan file, or of an applied state", "neither planned_values nor values: there is no plan and no state in it")
		return nil
	}
	for _, res := range p.resources {
		words, read := resourceWords()[res.kind]
		if read {
			if edge++; edge > maxEdgeResources {
				p.r.refuse(res.values, "", "give a plan of less, with -target", "more than %d distributions and policies", maxEdgeResources)
				return nil
			}
		}
		if p.work > maxPlanWork {
			p.r.refuse(p.root, "", "apply it and give terraform show -json of the state", "too many references to values that are known after apply only")
			return nil
		}
		switch {
		case read && res.data && !res.custom():
		case read:
			begun := len(p.r.found)
			config := p.translate(res, words.words)
			if len(p.r.found) == begun {
				docs = append(docs, document{root: p.document(res, words.kind, words.section, config), identity: p.root.file + "\n" + res.address})
			}
		case !res.data && !referredToWords[res.kind]:
			skipped.add(res.kind)
		}
	}
	if len(skipped.order) > 0 {
		p.r.note(&node{path: p.root.file}, "no part of the edge, skipped: %s", skipped.String())
	}
	return docs
}

// custom reports whether a data source is a policy that somebody made: those of
// CloudFront are known.
func (res *resource) custom() bool {
	id := res.values.word("id")
	var managed bool
	switch res.kind {
	case "aws_cloudfront_cache_policy":
		_, managed = cachepolicy.ManagedPolicy(id)
	case "aws_cloudfront_origin_request_policy":
		_, managed = cachepolicy.ManagedOriginRequestPolicy(id)
	case "aws_cloudfront_response_headers_policy":
		_, managed = ManagedResponseHeadersPolicy(id)
	default:
		return false
	}
	return id != "" && !managed
}

// document is what get-distribution or get-cache-policy would print of a resource.
func (p *plan) document(res *resource, kind, section string, config *node) *node {
	var in []field
	if id := res.values.at("id"); id != nil && id.kind == textKind {
		in = append(in, field{"Id", id})
	}
	if domain := res.values.at("domain_name"); domain != nil && domain.kind == textKind && kind == "Distribution" {
		in = append(in, field{"DomainName", domain})
	}
	in = append(in, field{section, config})
	return mapOf(config, field{kind, mapOf(config, in...)})
}
