package prove

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	for k := 1; k <= 7; k++ {
		at := time.Now()
		g := Matrix(context.Background(), K(k), Deploy{Visitors: KVisitors(k)}, nil, nil, Bounds{}, nil)
		n := 0
		for i, row := range g.Cells {
			fmt.Printf("%-24s", g.Strategies[i])
			for _, c := range row {
				n += c.States
				fmt.Printf("%6s", c.Letters)
				for _, v := range c.Verdicts {
					if v.Status == Unknown {
						fmt.Print("[", v.Property, v.Class, v.Sticky, "]")
					}
				}
			}
			fmt.Println()
		}
		fmt.Println("K", k, n, time.Since(at))
		for _, v := range g.Cells[2][6].Verdicts {
			fmt.Println(v.Property, v.Status, v.Class, v.Sticky, v.Who, v.Assumption, v.Repair, v.Trace.Count)
		}
		for _, v := range g.Cells[2][6].Assumptions() {
			fmt.Println(v)
		}
	}
}
func (c Cell) Assumptions() []Assumption { return c.Verdicts[0].Assumptions }
