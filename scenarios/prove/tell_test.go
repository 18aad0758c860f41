package prove

import "fmt"

func eventLine(e Event) string {
	return fmt.Sprintf("%3d %-10s %-8s %s%s %s %s %d %v stored %v dropped %v view %v after %v for %v poison %q (%s) %s",
		e.N, e.Kind, e.Actor, e.URL, e.Step, e.Server, e.From, e.Status, e.Builds, e.Stored, e.Dropped, e.View, e.After, e.For, e.Poisoned, e.Reason, e.Violation)
}
