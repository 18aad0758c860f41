package e2e

import (
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// npmInstalled is a folder with what from/package-lock.json names, and with the
// other files of from. It is installed once, and kept.
func npmInstalled(from string, files ...string) string {
	GinkgoHelper()
	if _, err := exec.LookPath("npm"); err != nil {
		Skip("there is no npm; install Node.js 20 or later")
	}
	dir, err := filepath.Abs(filepath.Join(".work", filepath.Base(from)))
	Expect(err).NotTo(HaveOccurred())
	lock := read(filepath.Join(from, "package-lock.json"))
	kept, _ := os.ReadFile(filepath.Join(dir, "node_modules", "installed"))
	Expect(os.MkdirAll(dir, 0o755)).To(Succeed())
	for _, name := range append([]string{"package.json", "package-lock.json"}, files...) {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(read(filepath.Join(from, name))), 0o644)).To(Succeed())
	}
	if string(kept) == lock {
		return dir
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	out, err := npm.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(out))
	Expect(os.WriteFile(filepath.Join(dir, "node_modules", "installed"), []byte(lock), 0o644)).To(Succeed())
	return dir
}
