package prove

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func letters(f found) string {
	s := ""
	for i, l := range []string{"s", "a", "m", "t"} {
		v := violation(2 * i)
		switch {
		case f.has(v + 1):
			s += strings.ToUpper(l)
		case f.has(v):
			s += l
		}
	}
	if f.has(stalePage + 1) {
		s += "P"
	}
	if s == "" {
		return "ok"
	}
	return s
}

func TestLook(t *testing.T) {
	for k := 1; k <= 7; k++ {
		total := 0
		for _, s := range Strategies() {
			row := fmt.Sprintf("%-24s", s.Name)
			for _, mode := range Modes() {
				m, err := newModel(Deploy{Strategy: s, Mode: mode, CDN: K(k), Visitors: KVisitors(k)}, Bounds{}.withDefaults(), hook{})
				if err != nil {
					t.Fatal(err)
				}
				x := m.explore(context.Background(), nil)
				row += fmt.Sprintf("%6s", letters(x.found))
				total += x.states
			}
			fmt.Println(row)
		}
		fmt.Println("K", k, total)
	}
}
