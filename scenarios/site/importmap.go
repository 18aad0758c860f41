package site

import (
	"encoding/json"
	"sort"
	"strings"
)

// importMap is what a page says about module names. [HTML standard, import maps]
type importMap struct {
	Imports map[string]*string            `json:"imports"`
	Scopes  map[string]map[string]*string `json:"scopes"`
}

// importMap reads the text of a <script type="importmap">, which stands at offset at.
func (s *scanner) importMap(at int, text []byte) {
	var m importMap
	if err := json.Unmarshal(text, &m); err != nil {
		s.note(at, "import map not understood: "+err.Error())
		return
	}
	s.imports = m
	s.jsonStrings(at, text, func(path []string) bool {
		return len(path) >= 2 && (path[0] == "imports" || path[0] == "scopes" && len(path) == 3)
	}, "import map")
}

// empty says whether the page has no import map.
func (m importMap) empty() bool { return len(m.Imports) == 0 && len(m.Scopes) == 0 }

// resolve returns what the map makes of a module name used in the script at fromURL.
// toURL turns an address of the map into a URL.
func (m importMap) resolve(specifier, fromURL string, toURL func(string) string) (string, bool) {
	scopes := make([]string, 0, len(m.Scopes))
	for scope := range m.Scopes {
		scopes = append(scopes, scope)
	}
	sort.Slice(scopes, func(i, j int) bool { return len(scopes[i]) > len(scopes[j]) })
	for _, scope := range scopes {
		u := toURL(scope)
		if u == fromURL || strings.HasSuffix(u, "/") && strings.HasPrefix(fromURL, u) {
			if to, ok := lookUp(m.Scopes[scope], specifier); ok {
				return to, true
			}
		}
	}
	return lookUp(m.Imports, specifier)
}

// lookUp finds a whole name, or else the longest prefix that ends in a slash.
func lookUp(names map[string]*string, specifier string) (string, bool) {
	if to, ok := names[specifier]; ok {
		if to == nil { // null: blocked on purpose
			return "", false
		}
		return *to, true
	}
	best := ""
	for name := range names {
		if strings.HasSuffix(name, "/") && strings.HasPrefix(specifier, name) && len(name) > len(best) {
			best = name
		}
	}
	if best == "" || names[best] == nil {
		return "", false
	}
	return *names[best] + specifier[len(best):], true
}
