if true; then
    echo one
else
