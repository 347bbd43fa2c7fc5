removed=$(/usr/libexec/vastimg/clean-pip-leftovers)
if [ -n "$removed" ]; then
    changed "removed ${removed//$'\n'/ }"
fi
