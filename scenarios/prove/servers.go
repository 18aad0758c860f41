package prove

import (
	"fmt"
	"net/http"
)

// Servers are the origin servers of a deploy as a value to replay a [Trace]
// against: what each of them answers, before and after any step.
type Servers struct {
	model *model
	node  int
	down  map[string]bool // servers that do not work
}

// NewServers is the servers of d before the deploy.
func NewServers(d Deploy) (*Servers, error) {
	m, err := newModel(d, Bounds{}.withDefaults(), hook{})
	if err != nil {
		return nil, err
	}
	return &Servers{model: m, down: map[string]bool{}}, nil
}

// Do does the step that an event of a trace names, [Event].Step.
func (s *Servers) Do(step string) error {
	for i, to := range s.model.nodes[s.node].next {
		if to >= 0 && s.model.deploy.Mode.Steps[i].Name == step {
			s.node = to
			return nil
		}
	}
	return fmt.Errorf("deploy %s: step %q is done, or its turn has not come", s.model.deploy.Name, step)
}

// Fail makes a server stop working, or work again: down, it answers 503 to whatever is
// asked.
func (s *Servers) Fail(server string, down bool) { s.down[server] = down }

// Answer is what a server, named as in [Event].Server, answers to a request of one who
// takes some encodings. Body is the identity of the bytes as in [Event].Body, of those
// in a content coding when they are decompressed; "" with an error.
func (s *Servers) Answer(server, path, query string, takes Encodings) (status int, header http.Header, body string, err error) {
	m := s.model
	n := -1
	for i := range m.servers() {
		if serverName(i) == server {
			n = i
		}
	}
	if n < 0 {
		return 0, nil, "", fmt.Errorf("deploy %s: no server %q", m.deploy.Name, server)
	}
	if s.down[server] {
		r := m.replies[m.failing()]
		return r.status, r.header.Clone(), "", nil
	}
	text := path
	if query != "" {
		text += "?" + query
	}
	id, ok := m.known(text, takes)
	if !ok {
		r := m.replies[m.missingReply()]
		return r.status, r.header.Clone(), "", nil
	}
	r := m.replies[m.originReply(s.node, n, id)]
	return r.status, r.header.Clone(), m.bodies[r.body].id, nil
}

// Files are the builds of d as its strategy makes them: what is put where, and
// what refers to what.
func (d Deploy) Files() ([]Build, error) {
	m, err := newModel(d, Bounds{}.withDefaults(), hook{})
	if err != nil {
		return nil, err
	}
	return m.builds, nil
}

// Manifests are what the service workers of d's releases keep: of each build every URL
// that it binds, with the identity of the bytes that it means by it.
func (d Deploy) Manifests() ([]map[string]string, error) {
	m, err := newModel(d, Bounds{}.withDefaults(), hook{})
	if err != nil {
		return nil, err
	}
	all := make([]map[string]string, len(m.builds))
	for _, x := range m.bindings {
		if all[x.build] == nil {
			all[x.build] = map[string]string{}
		}
		all[x.build][m.url(x.req)] = m.bodies[x.body].id
	}
	return all, nil
}
