package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// newJudge is a judge with servers of his own, which tell him what is final.
func (s *Story) newJudge() (*judge, error) {
	builds, err := s.Deploy.Files()
	if err != nil {
		return nil, err
	}
	servers, err := prove.NewServers(s.Deploy)
	if err != nil {
		return nil, err
	}
	return &judge{story: s, bodies: newBodies(s, builds), servers: servers, views: map[string]*view{}, pages: map[string]string{}}, nil
}

// event judges what visitors were given in an event, and whether the last one shows
// the violation that the story is about.
func (j *judge) event(ctx context.Context, p player, e *prove.Event, got []Answer, end bool) error {
	if e.Step != "" {
		if err := j.servers.Do(e.Step); err != nil {
			return err
		}
	}
	var found []prove.Breach
	switch e.Kind {
	case prove.Navigated:
		j.pages[e.Actor] = e.URL
	case prove.Restored:
		found = j.back(e.Actor)
	}
	for _, a := range got {
		if e.Worker != "" && j.story.kindOf(a.Visitor).HasWorker() {
			continue // it is his worker that was given it, not a page
		}
		if a.From != fromFlight && !unheard(a.Visitor) {
			kind := e.Kind
			if v := j.views[a.Visitor]; kind == prove.Landed && (v == nil || v.waits) {
				kind = prove.Navigated
			}
			takes := j.story.takesOf(a.Visitor)
			found = append(found, j.look(kind, a, takes, e.After, j.final(e.URL, takes))...)
		} else if e.Kind == prove.Navigated {
			j.waits(a.Visitor)
		}
	}
	v, exact := p.(*values)
	if exact {
		found = v.breaches // the prover's own judgement
	}
	switch want := (prove.Breach{Property: j.story.Property, Class: j.story.Class, Sticky: j.story.Sticky}); {
	case !end:
		return nil
	case want.Property == prove.Binding && !exact:
		return j.poisoned(ctx, p, e)
	case !slices.Contains(found, want):
		return fmt.Errorf("the violation does not show: %s %s", want.Property, want.Class)
	}
	return nil
}

// final are the builds of a page that all servers give now to one who takes some
// encodings; none: they differ.
func (j *judge) final(url string, takes prove.Encodings) []int {
	path, query, _ := strings.Cut(url, "?")
	var final []int
	for i := range max(1, j.story.Deploy.Servers) {
		_, _, id, err := j.servers.Answer(fmt.Sprintf("s%d", i+1), path, query, takes)
		if err != nil {
			return nil
		}
		final = both(j.bodies.byID[id].builds, final)
	}
	return final
}

// poisoned looks under the key that the trace says is poisoned, and wants bytes there
// that no server gives for its URL.
func (j *judge) poisoned(ctx context.Context, p player, e *prove.Event) error {
	body, err := p.holds(ctx, e.Poisoned)
	if err != nil {
		return fmt.Errorf("look under the key %q: %w", e.Poisoned, err)
	}
	want, err := j.story.heldInTheEnd(e.Poisoned)
	if err == nil && body != want {
		err = fmt.Errorf("under the key %q are the bytes %q, and not %q", e.Poisoned, body, want)
	}
	return err
}

// heldInTheEnd is what values hold under a key after the last event.
func (s *Story) heldInTheEnd(key string) (string, error) {
	v, err := newValues(s)
	if err != nil {
		return "", err
	}
	for i := range s.Trace.Events {
		if _, err := v.do(context.Background(), &s.Trace.Events[i]); err != nil {
			return "", err
		}
	}
	return v.holds(context.Background(), key)
}
