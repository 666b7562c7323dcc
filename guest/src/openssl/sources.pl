# Run with `-Mconfigdata` in a configured build folder. Prints a line for each generated file that the build of the two libraries
# reads (`make` and its name), and for each of their C files (the library and the path).
my %unified_info = %configdata::unified_info;
for (sort keys %{$unified_info{generate}}) {
    print "make $_\n" if /\.(c|h|inc)$/ && m{^(crypto|include|providers|ssl)/};
}
my %seen;
for my $library ("libcrypto", "libssl") {
    my @open = ($library);
    while (defined(my $one = shift @open)) {
        next if $seen{$one}++;
        for my $source (@{$unified_info{sources}->{$one} // []}) {
            if ($source =~ /\.o$/) { push @open, $source; }
            elsif ($source =~ /\.c$/) { print "$library $source\n"; }
            else { push @open, $source; }
        }
        push @open, @{$unified_info{depends}->{$one} // []} unless $one =~ /\.o$/;
    }
}
