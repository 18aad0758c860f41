package scenarios

import "testing"

// Each deploy file is explored: a safe strategy that turns unsafe fails, and an
// unsafe one that turns safe does, too.
func TestDeploys(t *testing.T) {
	all, err := Deploys()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Run(d.Name, func(t *testing.T) {
			if r := Explore(t.Context(), d, nil); !r.Passed() {
				t.Error(r.String())
			}
		})
	}
}
