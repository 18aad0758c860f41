package replay

import (
	"context"
	"errors"
	"fmt"

	"staleproof/scenarios/prove"
)

// values plays a story on the prover's own caches and visitors.
type values struct {
	play     *prove.Play
	breaches []prove.Breach // of the last event
}

func newValues(s *Story) (*values, error) {
	p, err := prove.NewPlay(s.Deploy, s.Bounds, s.Trace.Events)
	if err != nil {
		return nil, err
	}
	return &values{play: p}, nil
}

func (v *values) do(_ context.Context, e *prove.Event) ([]Answer, error) {
	got, breaches, err := v.play.Do(*e)
	if err != nil {
		return nil, err
	}
	v.breaches = breaches
	if got.After != e.After {
		return Told(&got), fmt.Errorf("the view began after the deploy: %v, and the trace says %v", got.After, e.After)
	}
	return Told(&got), nil
}

func (v *values) holds(_ context.Context, key string) (string, error) {
	body, ok := v.play.Holds(key)
	if !ok {
		return "", errors.New("no cache has anything")
	}
	return body, nil
}

func (v *values) close() error { return nil }
