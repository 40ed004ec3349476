"""What marketers publish: flows, their proof, tests of variants, and the sites they run on."""
