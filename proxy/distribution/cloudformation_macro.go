package distribution

// hasMacros reports whether a Transform, such as SAM's, would make something else of
// the template. What, is not known here.
func (t *template) hasMacros() bool {
	n := t.root.at("Transform")
	return n != nil && n.kind != nullKind
}

// macroKinds are resources that SAM makes without a word about them in the template.
var macroKinds = map[string]string{
	"ServerlessRestApi": "AWS::ApiGateway::RestApi",
	"ServerlessHttpApi": "AWS::ApiGatewayV2::Api",
}

// madeByMacro stands for a resource that is referred to and that a macro makes.
func (t *template) madeByMacro(n *node, name string) *node {
	if !t.guessed[name] {
		t.guessed[name] = true
		t.r.note(&node{path: join("Resources", name)}, "a macro makes it, so that its values are made up here")
	}
	kind := macroKinds[name]
	if kind == "" {
		kind = "AWS::CloudFormation::Macro"
	}
	return mapOf(n, field{"Type", text(n, kind)})
}
