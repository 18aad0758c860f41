package command

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"staleproof/proxy/distribution"
)

func convertCommand() *cli.Command {
	return &cli.Command{
		Name:      "convert",
		Usage:     "print any configuration as YAML, or as the AWS command line prints it",
		ArgsUsage: "FILE…",
		UsageText: "staleproof convert plan.json > site.yaml\n   staleproof convert --to aws site.yaml > site.json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "to", Usage: "`yaml|aws`: our YAML, or the JSON of get-distribution-config and of the policies' get-… calls", Value: "yaml"},
			parameterFlag(), importsFlag(),
		},
		Action: convert,
	}
}

// convert prints all or nothing: distributions on the standard output, notes beside.
func convert(c *cli.Context) error {
	files, err := flagsAmongFiles(c)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return Usagef("staleproof convert distribution.json", "convert needs a file")
	}
	to := c.String("to")
	if to != "yaml" && to != "aws" {
		return Usagef("--to yaml or --to aws", "--to %s is no format that can be written", to)
	}
	ds, notes, err := readConfiguration(c, files)
	if err != nil {
		return err
	}
	var out []byte
	if to == "aws" {
		var left []distribution.Note
		out, left = distribution.AWS(ds...)
		notes = append(notes, left...)
	} else {
		out = distribution.YAML(ds...)
	}
	for _, n := range notes {
		fmt.Fprintf(c.App.ErrWriter, "staleproof: note: %s: %s\n", n.Path, n.Message)
	}
	if _, err := c.App.Writer.Write(out); err != nil {
		return fmt.Errorf("write what was converted: %w", err)
	}
	return nil
}

// flagsAmongFiles takes the flags that stand among or behind the files, too.
func flagsAmongFiles(c *cli.Context) (files []string, err error) {
	args := c.Args().Slice()
	for i := 0; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			files = append(files, args[i])
			continue
		}
		if args[i] == "-" {
			return nil, Usagef("staleproof convert /dev/stdin", "- is no file")
		}
		if args[i] == "--help" || args[i] == "-h" {
			return nil, Usagef("put flags before the arguments: staleproof convert "+args[i], "%s stands after an argument", args[i])
		}
		name, value, given := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !given && i+1 < len(args) {
			i++
			value, given = args[i], true
		}
		if !given {
			return nil, Usagef("staleproof convert --help lists the flags", "%s has no value", args[i])
		}
		if err := c.Set(name, value); err != nil {
			return nil, Usagef("staleproof convert --help lists the flags", "%s: %w", args[i], err)
		}
	}
	return files, nil
}
